namespace Defenses.Zoo;

/// <summary>What is done to a picture before it is an image of a batch: first color, then size, then crop. By default nothing.</summary>
/// <remarks>
/// The numbers are those of torchvision's <c>Resize</c> (bilinear, with antialias) and <c>CenterCrop</c> on PIL images: 8-bit values after each of the two
/// passes. Normalization is not here: it belongs into the classifier's preprocessing, so that bounds and ε stay in pixels.
/// </remarks>
public sealed record PictureOptions
{
    /// <summary>256 for the shorter side, then the middle 224×224: what most ImageNet networks are evaluated with.</summary>
    public static PictureOptions ImageNet => new() { ShortSide = 256, Crop = 224 };

    /// <summary>The pixels of the shorter side after resizing, the longer in proportion (rounded down), at least 1; by default no resizing.</summary>
    public int? ShortSide { get; init => field = Positive(value, nameof(ShortSide)); }

    /// <summary>Height and width after resizing, whatever the proportions were; by default no resizing. Excludes <see cref="ShortSide"/>.</summary>
    public (int Height, int Width)? Size
    {
        get;
        init => field = (Positive(value?.Height, nameof(Size)), Positive(value?.Width, nameof(Size))) is (int height, int width) ? (height, width) : null;
    }

    /// <summary>Side of the square cut out of the middle, at least 1, with black added where the picture is smaller; by default no crop.</summary>
    public int? Crop { get; init => field = Positive(value, nameof(Crop)); }

    /// <summary>Whether images have one channel, L = 0.299 R + 0.587 G + 0.114 B, in place of red, green, blue; by default false.</summary>
    public bool Grey { get; init; }

    /// <summary>Channels, height and width of every image; null when the options leave the size of each picture as it is.</summary>
    internal (int Channels, int Height, int Width)? Shape =>
        (Crop is { } side ? (side, side) : Size) is var (height, width) ? (Grey ? 1 : 3, height, width) : null;

    internal void Check(string argument)
    {
        if (ShortSide is not null && Size is not null)
            throw new ArgumentException($"{argument} must give ShortSide or Size, but gives both: {ShortSide} and {Size}.", argument);
    }

    private static int? Positive(int? value, string name) =>
        value is null or >= 1 ? value : throw new ArgumentOutOfRangeException(name, value, $"{name} must be at least 1; it is {value}.");
}
