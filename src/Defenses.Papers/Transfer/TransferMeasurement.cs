using Defenses.Evaluation;
using Defenses.Statistics;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Papers;

/// <summary>The measurements of the protocol, step by step.</summary>
internal sealed class TransferMeasurement(ProtocolContext context, TransferSizes sizes, TransferModels models)
{
    private const int Block = 100;   // images attacked together: what a stop loses at most
    private const int PoolImages = 200;

    internal TransferResults Measure()
    {
        var count = (int)Math.Min(sizes.Attacked, context.Data.Test.Count);
        using var pool = context.Data.Train.Images(0, Math.Min(PoolImages, context.Data.Train.Count));
        var recognized = TransferModels.Kinds.ToDictionary(kind => kind, kind => Clean(kind, count).Select(mistaken => !mistaken).ToArray());
        var rows = new List<TransferResult>();
        foreach (var method in TransferMethod.All(sizes, pool, context.Data.Key is "mnist" or "synthetic"))
        {
            var made = Mistaken(method, count);
            rows.Add(new TransferResult(method.Name, new Proportion(made.Met, count), [.. TransferModels.Kinds.Select((kind, number) =>
                Fooled(recognized[kind], made.Mistaken[number]))]));
        }
        return new TransferResults([.. TransferModels.Kinds.Select(kind => new Proportion(recognized[kind].Count(each => each), count))], rows);
    }

    // Of the images that a network recognises.
    private static Proportion Fooled(bool[] recognized, bool[] mistaken) =>
        new(recognized.Zip(mistaken).Count(pair => pair.First && pair.Second), Math.Max(1, recognized.Count(each => each)));

    private (long Met, bool[][] Mistaken) Mistaken(TransferMethod method, int count)
    {
        var blocks = context.Blocks(method.Name, count, Block, (part, start, size) =>
        {
            using var scope = NewDisposeScope();
            var (x, labels) = Images(start, size);
            using var result = (method.Attack with { Seed = context.SeedOf($"{method.Name}{part}") }).Run(
                models.Source(method), x, labels, cancellation: context.Cancellation);
            return new MadeBlock(result.Met.sum().ToInt64(),
                [.. TransferModels.Kinds.Select(kind => Judge(kind, result.Adversarial, labels, method.Name + part))]);
        });
        return (blocks.Sum(block => block.Met),
            [.. Enumerable.Range(0, TransferModels.Kinds.Count).Select(kind => blocks.SelectMany(block => block.Mistaken[kind]).ToArray())]);
    }

    // The images that the attacked network of a kind mistakes without an attack.
    private bool[] Clean(string kind, int count) => [.. context.Blocks($"no attack, {kind}", count, Block, (part, start, size) =>
    {
        using var scope = NewDisposeScope();
        var (x, labels) = Images(start, size);
        return Judge(kind, x, labels, "no attack" + part);
    }).SelectMany(block => block)];

    private bool[] Judge(string kind, Tensor images, Tensor labels, string name)
    {
        var model = models.Target(kind);
        var judge = new Judge(model.IsRandom ? sizes.JudgeDraws : 1) { Seed = context.SeedOf($"judge {kind} {name}") };
        var verdict = judge.Measure(model, images, labels, cancellation: context.Cancellation);
        return [.. verdict.SuccessRate.Select(rate => rate > 0.5)];
    }

    private (Tensor X, Tensor Labels) Images(int start, int size) =>
        (context.Data.Test.Images(start, size), context.Data.Test.Labels.narrow(0, start, size).clone());

    /// <summary>The examples of a block: how often the attacker saw success, and which mistake the network of each kind.</summary>
    internal sealed record MadeBlock(long Met, bool[][] Mistaken);
}

/// <summary>What the protocol measured.</summary>
/// <param name="Recognized">By kind of the attacked network: the attacked images that it recognises.</param>
/// <param name="Rows">By method.</param>
internal sealed record TransferResults(IReadOnlyList<Proportion> Recognized, IReadOnlyList<TransferResult> Rows);

/// <summary>A method's results.</summary>
/// <param name="Method">Its name.</param>
/// <param name="Met">The attacker's success on the attacker's networks, of all images.</param>
/// <param name="Fooled">By kind of the attacked network, of the images that it recognises.</param>
internal sealed record TransferResult(string Method, Proportion Met, IReadOnlyList<Proportion> Fooled);
