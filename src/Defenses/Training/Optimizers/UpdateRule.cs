using static TorchSharp.torch;

namespace Defenses.Training;

/// <summary>How a gradient changes a parameter: an optimizer without its state, which the training keeps and saves.</summary>
/// <remarks>
/// The state is a fixed number of tensors per parameter, so that a checkpoint stores it exactly, whatever the version of
/// TorchSharp. The rule is compared by value when a run is resumed.
/// </remarks>
public abstract record UpdateRule
{
    /// <summary>A rule with a default rate.</summary>
    protected UpdateRule(LearningRate rate) => Rate = rate;

    /// <summary>The learning rate over time.</summary>
    public LearningRate Rate { get; init => field = Require.NotNull(value, nameof(Rate)); }

    /// <summary>The number of state tensors per parameter, each of the parameter's shape; they start as zeros.</summary>
    protected internal abstract int StateTensors { get; }

    /// <summary>Changes a parameter and its state in place; gradients are off during the call.</summary>
    /// <param name="parameter">What to change.</param>
    /// <param name="gradient">Of the loss; may be overwritten.</param>
    /// <param name="state">The state, <see cref="StateTensors"/> tensors.</param>
    /// <param name="rate">The learning rate of this step.</param>
    /// <param name="step">The number of updates of this parameter, including this one: 1, 2, ….</param>
    protected internal abstract void Apply(Tensor parameter, Tensor gradient, ReadOnlySpan<Tensor> state, double rate, long step);
}
