using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Models;

/// <summary>A view of a classifier under a condition that holds only during each pass.</summary>
public abstract class ClassifierView : InterceptingModelView
{
    private protected ClassifierView(Classifier model) : base(model)
    {
    }

    /// <inheritdoc/>
    /// <remarks>Whether the classifier is random under the condition.</remarks>
    public override bool IsRandom
    {
        get
        {
            using var condition = Enter(Model.Network);
            return Model.IsRandom;
        }
    }

    private Classifier Model => (Classifier)Inner;

    /// <summary>Sets the condition until the result is disposed.</summary>
    private protected abstract IDisposable Enter(nn.Module network);

    /// <summary>The same condition on another classifier.</summary>
    private protected abstract ClassifierView Of(Classifier model);

    /// <inheritdoc/>
    protected sealed override IDisposable? Enter(Tensor x, bool backward) => Enter(Model.Network);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException"><paramref name="inner"/> is not a classifier.</exception>
    protected internal sealed override DelegatingModelView Over(ModelView inner) => inner is Classifier model
        ? Of(model)
        : throw new ArgumentException(
            $"inner must be a Classifier, because the view sets a condition on its network; it is a {inner?.GetType().Name}.", nameof(inner));
}
