using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Defenses.Attacks;
using Defenses.Models;
using Defenses.Zoo;
using static TorchSharp.torch;

namespace Defenses.Cli;

/// <summary>Attacks images in blocks of a fixed size, each from its own seed and kept in a file as soon as it is done: stopped and started again, the result
/// is the same.</summary>
/// <param name="folder">Where finished blocks are kept.</param>
/// <param name="make">The attack from its seed.</param>
/// <param name="seed">The seed of the first block, from which those of the others follow.</param>
internal sealed class AttackBlocks(string folder, Func<ulong, Attack> make, ulong seed)
{
    /// <summary>Images in a block: what a stop costs at most.</summary>
    internal const int Size = 50;

    /// <summary>The attacked images, whether each met its goal, and the sizes, in the order of the images. The caller disposes them.</summary>
    /// <param name="view">What the attacker sees.</param>
    /// <param name="images">(N, …).</param>
    /// <param name="labels">(N,).</param>
    /// <param name="progress">Told the number of images done.</param>
    /// <param name="cancellation">Stops; finished blocks are kept.</param>
    internal (Tensor Adversarial, Tensor Met, Tensor Sizes) Run(
        ModelView view, Tensor images, Tensor labels, Action<double> progress, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        var (adversarial, met, sizes) = (new List<Tensor>(), new List<Tensor>(), new List<Tensor>());
        for (var first = 0L; first < images.shape[0]; first += Size)
        {
            cancellation.ThrowIfCancellationRequested();
            var count = Math.Min(Size, images.shape[0] - first);
            using var block = Finished(first) ?? Attack(view, images.narrow(0, first, count), labels.narrow(0, first, count), first, progress, cancellation);
            adversarial.Add(block["adversarial"].alias());
            met.Add(block["met"].alias());
            sizes.Add(block["sizes"].alias());
            progress(first + count);
        }
        return (cat(adversarial).MoveToOuterDisposeScope(), cat(met).MoveToOuterDisposeScope(), cat(sizes).MoveToOuterDisposeScope());
    }

    /// <summary>The seed of a block: that of the command for the first.</summary>
    internal static ulong SeedOf(ulong seed, long block) => block == 0 ? seed
        : BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{seed} block {block}"))));

    private NamedTensors Attack(ModelView view, Tensor images, Tensor labels, long first, Action<double> progress, CancellationToken cancellation)
    {
        using (var result = make(SeedOf(seed, first / Size)).Run(view, images, labels, new SharedProgress(step =>
            progress(first + images.shape[0] * (double)step.Step / Math.Max(1, step.Steps))), cancellation))
        {
            Directory.CreateDirectory(folder);
            Safetensors.Write(PathOf(first), new Dictionary<string, Tensor> { ["adversarial"] = result.Adversarial, ["met"] = result.Met,
                ["sizes"] = result.Size });
        }
        return Safetensors.Read(PathOf(first));
    }

    // A damaged file counts as missing.
    private NamedTensors? Finished(long first)
    {
        if (!File.Exists(PathOf(first))) return null;
        try { return Safetensors.Read(PathOf(first)); }
        catch (InvalidDataException) { return null; }
    }

    private string PathOf(long first) => Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"block-{first / Size}.safetensors"));

    private sealed class SharedProgress(Action<AttackProgress> report) : IProgress<AttackProgress>
    {
        public void Report(AttackProgress value) => report(value);
    }
}
