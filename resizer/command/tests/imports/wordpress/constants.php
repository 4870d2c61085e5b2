<?php
// Sides that no reader of the file can know, and commas in a name.
add_image_size( 'hero, wide', 1600, 500, true );
add_image_size( 'theme-max', THEME_WIDTH, 400 );
add_image_size( 'too-large', 4294967296, 400 );
add_image_size( 'any-height', 720 );
