<?php

class Post extends Model implements HasMedia
{
    public function registerMediaConversions(?Media $media = null): void
    {
        $this->addMediaConversion('thumb')
            ->width(368)
            ->height(232)
            ->sharpen(10)
            ->nonQueued();

        $this->addMediaConversion('cover')->fit(Fit::Crop, 1200, 630)->format('webp')->quality(70);
        $this->addMediaConversion("old")->fit(Manipulations::FIT_FILL, 300, 300)->background('#ffffff')
            ->keepOriginalImageFormat()->performOnCollections('images', 'downloads');
        $this->addMediaConversion('face')->crop(100, 100, CropPosition::TopLeft)->greyscale();
        $this->addMediaConversion($name)->width(1);
    }
}
