using Defenses.Models;
using static TorchSharp.torch;

namespace Defenses.Papers;

/// <summary>Some of the images: attacked when first needed, and scored by one detector after the other. Everything that was found is kept.</summary>
internal sealed class MvmMeasurement : IDisposable
{
    internal const string Clean = DetectorScores.Clean;
    private readonly ProtocolContext _context;
    private readonly Classifier _model;
    private readonly MvmTask _task;
    private readonly int _number;
    private readonly Tensor _images, _labels;
    private readonly Dictionary<string, Tensor> _attacked = [];

    internal MvmMeasurement(ProtocolContext context, Classifier model, MvmTask task, int number, long[] chosen)
    {
        (_context, _model, _task, _number) = (context, model, task, number);
        (_images, _labels) = context.Data.Test.Batch(chosen);
    }

    /// <summary>What an attack did to these images.</summary>
    internal AttackOutcome Outcome(string attack) => _context.Step($"{attack}, part {_number + 1}", () =>
    {
        using var scope = NewDisposeScope();
        var adversarial = Images(attack);
        var fooled = _model.Logits(adversarial).argmax(1).ne(_labels);
        var change = (adversarial - _images).flatten(1).norm(1).to_type(ScalarType.Float64);
        return new AttackOutcome(fooled.data<bool>().ToArray(), change.data<double>().ToArray());
    });

    /// <summary>What a detector finds in them, clean or attacked.</summary>
    internal double[][] Numbers(MvmRow row, string kind) => _context.Step(
        $"{row.Name} on {kind}, part {_number + 1}",
        () => row.Measure(Images(kind), _context.SeedOf($"{row.Name} {kind} {_number}"), _context.Cancellation));

    public void Dispose()
    {
        _images.Dispose();
        _labels.Dispose();
        foreach (var images in _attacked.Values) images.Dispose();
    }

    private Tensor Images(string kind)
    {
        if (kind == Clean) return _images;
        if (_attacked.TryGetValue(kind, out var known)) return known;
        using var result = MvmAttacks.Run(kind, _task, _model, _images, _labels, _context.SeedOf($"{kind} {_number}"), _context.Cancellation);
        return _attacked[kind] = result.Adversarial.alias().DetachFromDisposeScope();
    }
}
