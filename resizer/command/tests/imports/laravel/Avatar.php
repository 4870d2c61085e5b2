<?php
$this->addMediaConversion('avatar')->crop('crop-center', 96, 96)->format(Manipulations::FORMAT_PNG);
