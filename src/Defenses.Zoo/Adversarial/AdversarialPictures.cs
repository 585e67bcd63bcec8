using System.Globalization;
using System.Text;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Zoo;

/// <summary>Shows an <see cref="AdversarialSet"/>: original, attacked image and difference beside each other.</summary>
internal static class AdversarialPictures
{
    private const int Gap = 2;

    public static void Write(string folder, AdversarialSet set, int zoom)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (zoom < 1) throw new ArgumentOutOfRangeException(nameof(zoom), zoom, $"zoom must be at least 1; it is {zoom}.");
        if (set.Images.dim() != 4 || set.Images.shape[1] is not (1 or 3))
            throw new InvalidOperationException(
                $"Only images (N, 1, H, W) and (N, 3, H, W) can be shown; these have shape ({string.Join(", ", set.Images.shape)}).");
        Directory.CreateDirectory(folder);
        var table = new StringBuilder("file,label,target,met,size,differenceScale\n");
        for (long i = 0; i < set.Count; i++) table.Append(WriteOne(folder, set, i, zoom)).Append('\n');
        AtomicFile.Write(Path.Combine(folder, "pictures.csv"), stream => stream.Write(Encoding.UTF8.GetBytes(table.ToString())));
    }

    private static string WriteOne(string folder, AdversarialSet set, long index, int zoom)
    {
        using var scope = NewDisposeScope();
        var (lower, upper) = set.Bounds;
        var (original, attacked) = (set.Images[index], set.Adversarial[index]);
        var difference = (attacked.to_type(ScalarType.Float64) - original.to_type(ScalarType.Float64)) / (upper - lower);
        var scale = Scale(difference.abs().max().ToDouble());
        var levels = new[]
        {
            Pictures.Levels(original, lower, upper), Pictures.Levels(attacked, lower, upper), Pictures.Levels((difference * scale) + 0.5, 0, 1),
        };
        var name = string.Create(CultureInfo.InvariantCulture, $"{index:D5}-{Plain(set.ClassNames[(int)set.Labels[index].ToInt64()])}-x{scale}.png");
        Pictures.WritePng(Path.Combine(folder, name), SideBySide(levels, zoom));
        var target = set.Targets is { } targets ? Quoted(set.ClassNames[(int)targets[index].ToInt64()]) : "";
        return string.Create(CultureInfo.InvariantCulture, $"{name},{Quoted(set.ClassNames[(int)set.Labels[index].ToInt64()])},{target}," +
            $"{(set.Met[index].ToBoolean() ? "yes" : "no")},{set.Sizes[index].to_type(ScalarType.Float64).ToDouble()},{scale}");
    }

    // White between the images.
    private static Tensor SideBySide(Tensor[] levels, int zoom)
    {
        var large = levels.Select(image => image.repeat_interleave(zoom, 1).repeat_interleave(zoom, 2)).ToArray();
        var gap = full([large[0].shape[0], large[0].shape[1], Gap], byte.MaxValue, dtype: ScalarType.Byte);
        return cat([large[0], gap, large[1], gap, large[2]], 2);
    }

    /// <summary>The largest of 1, 2, 5, 10, … with which no difference leaves half of the range; 1 when nothing differs.</summary>
    internal static double Scale(double largest)
    {
        var best = 1.0;
        if (largest <= 0) return best;
        for (var power = 1.0; power <= 1e6; power *= 10)
        {
            foreach (var digit in new[] { 1, 2, 5 })
            {
                if (digit * power * largest <= 0.5 + 1e-9) best = digit * power;
            }
        }

        // A difference of more than half of the range is shown smaller.
        return best * largest <= 0.5 + 1e-9 ? best : 0.5;
    }

    private static string Plain(string name) => new([.. name.Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : '_').Take(40)]);

    private static string Quoted(string text) => text.AsSpan().ContainsAny(",\"\n\r") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
}
