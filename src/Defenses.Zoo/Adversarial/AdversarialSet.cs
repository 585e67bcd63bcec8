using Defenses.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Zoo;

/// <summary>What an attack found, with what is needed to judge it later: images, labels, targets, sizes, the attack, seeds, the hash of the weights.</summary>
/// <remarks>
/// Give it the tensors of an <c>AttackResult</c>. It lives in the Zoo, beside the files that it writes, and knows numbers and texts only: the Zoo knows
/// no attack. As an <see cref="ILabeledSet"/> it gives the adversarial images with the true labels: for another model, that is a transfer. The tensors are
/// copied.
/// </remarks>
public sealed class AdversarialSet : ILabeledSet, IDisposable
{
    /// <summary>Copies the numbers of an attack to the CPU.</summary>
    /// <param name="images">The original images, (N, …), floating point, finite.</param>
    /// <param name="adversarial">The attacked images, of the same shape and type.</param>
    /// <param name="labels">True classes, (N,), int64, from 0 on.</param>
    /// <param name="met">Whether the attack met its goal on its own view, (N,), bool.</param>
    /// <param name="sizes">The size of each perturbation in the attack's norm, (N,), floating point.</param>
    /// <param name="targets">The classes that the attack was to reach, (N,), int64; none for an untargeted attack.</param>
    /// <exception cref="ArgumentException">A shape, a type or a value breaks these rules.</exception>
    public AdversarialSet(Tensor images, Tensor adversarial, Tensor labels, Tensor met, Tensor sizes, Tensor? targets = null)
    {
        AdversarialSetRules.Check(images, adversarial, labels, met, sizes, targets);
        (Images, Adversarial, Labels) = (Copy(images), Copy(adversarial), Copy(labels));
        (Met, Sizes, Targets) = (Copy(met), Copy(sizes), targets is null ? null : Copy(targets));
        ClassNames = [.. Enumerable.Range(0, (int)AdversarialSetRules.Highest(Labels, Targets) + 1).Select(number => $"{number}")];
    }

    /// <summary>The original images, (N, …). Owned by the set, as all its tensors.</summary>
    public Tensor Images { get; }

    /// <summary>The attacked images, (N, …).</summary>
    public Tensor Adversarial { get; }

    /// <summary>The true classes, (N,), int64.</summary>
    public Tensor Labels { get; }

    /// <summary>The classes to reach, (N,), int64; null for an untargeted attack.</summary>
    public Tensor? Targets { get; }

    /// <summary>Whether the attack met its goal on its own view, (N,), bool. Not a verdict: judge on fresh draws.</summary>
    public Tensor Met { get; }

    /// <summary>The size of each perturbation in the attack's norm, (N,).</summary>
    public Tensor Sizes { get; }

    /// <summary>What the images are, for reports.</summary>
    public string Name { get; init; } = "adversarial images";

    /// <summary>The name of each class; by default numbers.</summary>
    /// <exception cref="ArgumentException">There are fewer names than classes.</exception>
    public IReadOnlyList<string> ClassNames { get; init => field = AdversarialSetRules.Names(value, Labels, Targets); }

    /// <summary>The attack with all its options: its <c>ToString()</c>; empty by default.</summary>
    public string Attack { get; init; } = "";

    /// <summary>The seeds by what they were for, such as "attack" and "defense"; empty by default.</summary>
    public IReadOnlyDictionary<string, ulong> Seeds { get; init; } = new Dictionary<string, ulong>();

    /// <summary>What <see cref="WeightFiles.HashWeights"/> gives for the network that was attacked; empty by default.</summary>
    public string WeightsHash { get; init; } = "";

    /// <summary>The least and the greatest value of a pixel, in the units of the images; by default 0 and 1.</summary>
    public (double Lower, double Upper) Bounds { get; init; } = (0, 1);

    /// <inheritdoc/>
    public long Count => Images.shape[0];

    /// <summary>Reads a file that <see cref="Save"/> wrote; its checksum is verified.</summary>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, changed, or no adversarial set; the message names the file and the rule.</exception>
    public static AdversarialSet Load(string path) => AdversarialFile.Read(path);

    /// <summary>Writes everything into one safetensors file with a checksum; the file's name only ever holds a whole file.</summary>
    /// <exception cref="IOException">The folder is missing, full or not writable; an old file stays as it was.</exception>
    public void Save(string path) => AdversarialFile.Write(path, this);

    /// <summary>Attacked images, float32, (n, …), and their true classes, int64, (n,), in that order.</summary>
    /// <param name="indices">Numbers of images.</param>
    public (Tensor Images, Tensor Labels) Batch(ReadOnlySpan<long> indices)
    {
        using var scope = NewDisposeScope();
        var rows = tensor(indices.ToArray());
        var images = Adversarial.index_select(0, rows).to_type(ScalarType.Float32);
        return (images.MoveToOuterDisposeScope(), Labels.index_select(0, rows).MoveToOuterDisposeScope());
    }

    /// <summary>Writes a PNG for each example, original, attacked image and difference side by side, and a table of them, <c>pictures.csv</c>.</summary>
    /// <remarks>The difference is shown around middle grey, multiplied by a scale of 1, 2 or 5 times a power of ten that stands in the file's name and in the
    /// table. 8 bits round: what is shown is not exactly what was judged.</remarks>
    /// <param name="folder">The folder; made when missing.</param>
    /// <param name="zoom">Pixels of the picture for one of the image, at least 1; by default 1.</param>
    /// <exception cref="InvalidOperationException">The images are not (1, H, W) or (3, H, W), or Skia's native library is missing.</exception>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public void WritePictures(string folder, int zoom = 1) => AdversarialPictures.Write(folder, this, zoom);

    /// <summary>Frees the tensors.</summary>
    public void Dispose()
    {
        foreach (var tensor in new[] { Images, Adversarial, Labels, Met, Sizes, Targets }) tensor?.Dispose();
    }

    private static Tensor Copy(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return tensor.detach().cpu().clone().DetachFromDisposeScope();
    }
}
