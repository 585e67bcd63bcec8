using static TorchSharp.torch;

namespace Defenses.Training;

/// <summary>How a gradient changes a parameter: an optimizer without its memory, which the training keeps and saves.</summary>
/// <remarks>
/// The memory is a fixed number of tensors per parameter, so that a checkpoint holds it exactly whatever the version of
/// TorchSharp, and the rule is compared by value when a run is resumed.
/// </remarks>
public abstract record UpdateRule
{
    /// <summary>A rule with a default rate.</summary>
    protected UpdateRule(LearningRate rate) => Rate = rate;

    /// <summary>The learning rate over time.</summary>
    public LearningRate Rate { get; init => field = Require.NotNull(value, nameof(Rate)); }

    /// <summary>Tensors of the parameter's shape that the rule remembers between steps; they begin as zeros.</summary>
    protected internal abstract int StateTensors { get; }

    /// <summary>Changes a parameter and its memory in place; gradients are off meanwhile.</summary>
    /// <param name="parameter">What to change.</param>
    /// <param name="gradient">Of the loss; may be overwritten.</param>
    /// <param name="state">The memory, <see cref="StateTensors"/> tensors.</param>
    /// <param name="rate">The learning rate of this step.</param>
    /// <param name="step">How often this parameter has been changed, this time included: 1, 2, ….</param>
    protected internal abstract void Apply(Tensor parameter, Tensor gradient, ReadOnlySpan<Tensor> state, double rate, long step);
}
