<?php
// add_image_size( 'gone', 1, 1 );
add_action( 'after_setup_theme', function () {
    set_post_thumbnail_size( 640, 360, true );
    add_image_size( 'hero', 1920, 9999 );
    add_image_size( 'portrait', 300, 400, array( 'left', 'top' ) );
    add_image_size( 'portrait', 300, 450, [ 'center', 'bottom' ] );
} );
