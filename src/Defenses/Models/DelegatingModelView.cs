using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Models;

/// <summary>A view of a model by way of another view: the base of views that decorate, as <c>DelegatingHandler</c> is for handlers.</summary>
/// <remarks>
/// What describes the model is forwarded and may be overridden: bounds, classes, queries, whether it draws, its networks and their layout. <b>No number is
/// forwarded.</b> A view that changed the logits and inherited the gradient of the model behind it would mislead every attack without a word. So a class
/// states its logits, its gradient and its Jacobian itself, and all else (several draws, chosen outputs, members) follows from these three by the rules of
/// <see cref="ModelView"/>. It may override these, too, where it knows better; each such override says why.
/// A view that leaves numbers to the model behind it, and only changes the input or what holds during a pass, derives from <see cref="InterceptingModelView"/>.
/// <para>A view is a value: an attack's run looks at a copy of it that <see cref="Over"/> makes, so that several runs can count their passes at once.
/// Keep what changes in an object that copies share.</para>
/// </remarks>
public abstract class DelegatingModelView : ModelView
{
    /// <summary>Decorates a view.</summary>
    /// <param name="inner">The view behind this one. Not owned.</param>
    /// <exception cref="ArgumentNullException"><paramref name="inner"/> is null.</exception>
    protected DelegatingModelView(ModelView inner) => Inner = Require.NotNull(inner, nameof(inner));

    /// <summary>The view behind this one. Ask this property, not the argument of the constructor.</summary>
    protected ModelView Inner { get; }

    /// <inheritdoc/>
    public override Bounds Bounds => Inner.Bounds;

    /// <inheritdoc/>
    public override long Classes => Inner.Classes;

    /// <inheritdoc/>
    public override Queries Queries => Inner.Queries;

    /// <inheritdoc/>
    /// <remarks>Override it where the view draws by itself.</remarks>
    public override bool IsRandom => Inner.IsRandom;

    /// <inheritdoc/>
    /// <remarks>A view with a module of its own adds it, so that an attack can lend it a stream.</remarks>
    protected internal override IReadOnlyList<nn.Module> Networks => Inner.Networks;

    /// <inheritdoc/>
    protected internal override IReadOnlyList<nn.Module> ChannelsLastNetworks(bool exact) => Inner.ChannelsLastNetworks(exact);

    /// <summary>The same view of another model: a new object of this class, with the same options, behind which <paramref name="inner"/> stands.</summary>
    /// <param name="inner">The view to decorate; of the kind that this view was made with.</param>
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
            : throw new InvalidOperationException($"{GetType().Name}.Over must make a new {GetType().Name} with the view that it is given behind it.");
    }
}
