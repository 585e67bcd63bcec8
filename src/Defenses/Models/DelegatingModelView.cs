using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Models;

/// <summary>The base of views that decorate another view, as <c>DelegatingHandler</c> is for handlers.</summary>
/// <remarks>
/// Properties of the model are forwarded and may be overridden: bounds, classes, queries, randomness, the networks and their layout. <b>Logits and gradients
/// are not forwarded.</b> A view that changes the logits and inherits the gradient of the inner model would mislead every attack silently. So a class
/// computes its logits, its gradient and its Jacobian itself. All other results (several draws, chosen outputs, members) follow from these three by the
/// rules of <see cref="ModelView"/>. A class may override these, too, for exactness or speed; each such override states its reason.
/// A view that only changes the input, or sets a condition during each pass, derives from <see cref="InterceptingModelView"/>.
/// <para>A view is a value: a run of an attack uses a copy of it, made by <see cref="Over"/>, so that several runs can count their passes at once.
/// Keep mutable state in an object that all copies share.</para>
/// </remarks>
public abstract class DelegatingModelView : ModelView
{
    /// <summary>Decorates a view.</summary>
    /// <param name="inner">The view behind this one. Not owned.</param>
    /// <exception cref="ArgumentNullException"><paramref name="inner"/> is null.</exception>
    protected DelegatingModelView(ModelView inner) => Inner = Require.NotNull(inner, nameof(inner));

    /// <summary>The view behind this one. Use this property, not the argument of the constructor.</summary>
    protected internal ModelView Inner { get; }

    /// <inheritdoc/>
    public override Bounds Bounds => Inner.Bounds;

    /// <inheritdoc/>
    public override long Classes => Inner.Classes;

    /// <inheritdoc/>
    public override Queries Queries => Inner.Queries;

    /// <inheritdoc/>
    /// <remarks>Override it if the view itself is random.</remarks>
    public override bool IsRandom => Inner.IsRandom;

    /// <inheritdoc/>
    public override ModelAnswers Answers => Inner.Answers;

    /// <inheritdoc/>
    internal override string WithoutGradient => Inner.WithoutGradient;

    /// <inheritdoc/>
    internal override bool HasRoughGradients => Inner.HasRoughGradients;

    /// <inheritdoc/>
    /// <remarks>A view with an additional module adds it, so that an attack can lend a random stream to it.</remarks>
    protected internal override IReadOnlyList<nn.Module> Networks => Inner.Networks;

    /// <inheritdoc/>
    protected internal override IReadOnlyList<nn.Module> ChannelsLastNetworks(bool exact) => Inner.ChannelsLastNetworks(exact);

    /// <summary>The same view of another model: a new object of this class with the same options, around <paramref name="inner"/>.</summary>
    /// <param name="inner">The view to decorate; of the type that this view was made with.</param>
    protected internal abstract DelegatingModelView Over(ModelView inner);

    /// <inheritdoc/>
    internal override ModelView Bind(QueryTally tally) => Checked(Inner.Bind(tally));

    /// <inheritdoc/>
    internal override IReadOnlyList<PassCounter> Counters => Inner.Counters;

    /// <inheritdoc/>
    internal override IReadOnlyList<QueryTally> Tallies => Inner.Tallies;

    private protected DelegatingModelView Checked(ModelView inner)
    {
        if (ReferenceEquals(inner, Inner)) return this;
        var copy = Over(inner);
        return copy?.GetType() == GetType() && ReferenceEquals(copy.Inner, inner)
            ? copy
            : throw new InvalidOperationException($"{GetType().Name}.Over must make a new {GetType().Name} around its argument.");
    }
}
