using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>The part that reprogramming trains: turns an image of the attacker's task into an input of the attacked model.</summary>
/// <remarks>Shape: (N, channels, height, width) of the task → (N, channels, height, width) of the model, within its bounds.</remarks>
public abstract class InputProgram : nn.Module<Tensor, Tensor>
{
    /// <summary>A program between two kinds of images.</summary>
    /// <param name="name">The name of the module.</param>
    /// <param name="task">Channels, height and width of the task's images.</param>
    /// <param name="model">Channels, height and width of the model's input.</param>
    /// <param name="bounds">The bounds of the model's input.</param>
    protected InputProgram(string name, IReadOnlyList<long> task, IReadOnlyList<long> model, Bounds bounds) : base(name)
    {
        (TaskShape, ModelShape, Bounds) = (Shape(task, nameof(task)), Shape(model, nameof(model)), bounds.Checked(nameof(bounds)));
    }

    /// <summary>Channels, height and width of the task's images.</summary>
    public IReadOnlyList<long> TaskShape { get; }

    /// <summary>Channels, height and width of the model's input.</summary>
    public IReadOnlyList<long> ModelShape { get; }

    /// <summary>The bounds of the model's input.</summary>
    public Bounds Bounds { get; }

    /// <summary>The inputs of the model.</summary>
    /// <exception cref="ArgumentException">The images do not have the shape of the task.</exception>
    public sealed override Tensor forward(Tensor x)
    {
        if (!Require.ImageBatch(x, nameof(x)).shape.Skip(1).SequenceEqual(TaskShape))
            throw new ArgumentException($"x must have the shape (N, {string.Join(", ", TaskShape)}) of the task; it has {Require.Shape(x)}.", nameof(x));
        using var scope = NewDisposeScope();
        return (Translate(x) * Bounds.Range + Bounds.Lower).MoveToOuterDisposeScope();
    }

    /// <summary>All settings, as text: a training resumes with the same text only.</summary>
    public abstract string Describe();

    /// <summary>The inputs as shares of the bounds, in [0, 1]: (N, …) → (N, channels, height, width) of the model.</summary>
    protected abstract Tensor Translate(Tensor x);

    /// <summary>The term that is added to the loss, a scalar; null for none.</summary>
    protected internal virtual Tensor? Penalty() => null;

    // The zeros around an image: left, right, top, bottom. An odd number has its larger half right and below.
    private protected static long[] Around(long height, long width) => [width / 2, width - width / 2, height / 2, height - height / 2];

    private static long[] Shape(IReadOnlyList<long> shape, string name) => Require.NotNull(shape, name).Count == 3 && shape.All(size => size > 0)
        ? [.. shape]
        : throw new ArgumentException($"{name} must be channels, height and width, each above 0; it is ({string.Join(", ", shape)}).", name);
}
