using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>The result of a transfer experiment: examples made on one set of models and tested on each model of another set. Owns its tensors.</summary>
public sealed class LeaveOneOutResult : IDisposable
{
    /// <summary>Takes ownership of the tensors.</summary>
    /// <param name="adversarial">The examples, (N, …).</param>
    /// <param name="size">The sizes of their perturbations, (N,).</param>
    /// <param name="fooled">How often each model was fooled, (models, N), in [0, 1].</param>
    /// <param name="needed">How many of the other models must be fooled for an example to be sent.</param>
    public LeaveOneOutResult(Tensor adversarial, Tensor size, Tensor fooled, int needed) =>
        (Adversarial, Size, Fooled, Needed) = (adversarial, size, fooled, needed);

    /// <summary>The examples as they would be sent, (N, …).</summary>
    public Tensor Adversarial { get; }

    /// <summary>The sizes of their perturbations in the attack's norm, (N,).</summary>
    public Tensor Size { get; }

    /// <summary>The share of fresh draws in which each model met the goal, (models, N); 0 or 1 on a deterministic model.</summary>
    public Tensor Fooled { get; }

    /// <summary>How many of the other models must be fooled for an example to be sent.</summary>
    public int Needed { get; }

    /// <summary>Which examples are sent to each model, because they fool enough of the other models: (models, N) bool.</summary>
    public Tensor Sent()
    {
        using var scope = NewDisposeScope();
        var fooled = (Fooled > 0.5).to_type(ScalarType.Float32);
        return (fooled.sum(dim: 0, keepdim: true) - fooled >= Needed).MoveToOuterDisposeScope();
    }

    /// <summary>Every example that is sent to a model, by model and example: the data for rates and distance buckets.</summary>
    public IReadOnlyList<LeaveOneOutCase> Cases()
    {
        using var scope = NewDisposeScope();
        var sent = Sent().cpu().contiguous().data<bool>().ToArray();
        var sizes = Size.to_type(ScalarType.Float64).cpu().contiguous().data<double>().ToArray();
        var fooled = Fooled.to_type(ScalarType.Float64).cpu().contiguous().data<double>().ToArray();
        return
        [
            .. Enumerable.Range(0, sent.Length).Where(i => sent[i])
                .Select(i => new LeaveOneOutCase(i % sizes.Length, i / sizes.Length, sizes[i % sizes.Length], fooled[i])),
        ];
    }

    /// <summary>Disposes the tensors.</summary>
    public void Dispose()
    {
        Adversarial.Dispose();
        Size.Dispose();
        Fooled.Dispose();
    }
}

/// <summary>One example sent to one model.</summary>
/// <param name="Image">The number of the original image.</param>
/// <param name="Model">The number of the model among the validators.</param>
/// <param name="Size">The size of its perturbation.</param>
/// <param name="Success">The share of fresh draws in which the model met the goal, 0 to 1.</param>
public readonly record struct LeaveOneOutCase(int Image, int Model, double Size, double Success);
