using Defenses.Models;
using Defenses.Randomness;

namespace Defenses.Evaluation;

/// <summary>What an attacker of an evaluation looks at: a way to make a view of each defense.</summary>
public sealed class View
{
    private readonly Func<Classifier, long, ModelView> _look;
    private readonly Func<Classifier, bool> _addsNothing;

    /// <summary>A view of your own.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="look">Makes the view of a defense for a block of images, given the block's number.</param>
    /// <param name="needsRandomness">Whether it is the plain view on a deterministic defense, and need not be run there; false by default.</param>
    public View(string name, Func<Classifier, long, ModelView> look, bool needsRandomness = false)
        : this(name, look, needsRandomness ? model => !model.IsRandom : _ => false)
    {
    }

    private View(string name, Func<Classifier, long, ModelView> look, Func<Classifier, bool> addsNothing)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        (Name, _look, _addsNothing) = (name, Require.NotNull(look, nameof(look)), addsNothing);
    }

    /// <summary>The model as it is: a fresh draw at every look.</summary>
    public static View Plain { get; } = new("plain", (model, _) => model);

    /// <summary>The model with chance taken out.</summary>
    public static View WithoutRandomness { get; } = new("no randomness", (model, _) => new WithoutRandomness(model), needsRandomness: true);

    /// <summary>Fixed randomness: one draw of the model, another for every block of images.</summary>
    /// <remarks>Draws are numbered by the network's own streams: seed the network (<c>Reseed</c>) for results that come again.</remarks>
    public static View FixedDraw { get; } = new("fixed draw", (model, block) => new FixedDraw(model, block), needsRandomness: true);

    /// <summary>Straight through what has no useful gradient (BPDA); the plain view where no layer has a surrogate.</summary>
    public static View StraightThrough { get; } =
        new("straight through", (model, _) => new StraightThrough(model), model => !model.Network.HasSurrogates());

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>Draws of the model behind a gradient.</summary>
    internal int Draws { get; private init; } = 1;

    /// <summary>The mean over so many draws of the model, at least 1.</summary>
    public static View Eot(int draws)
    {
        Require.AtLeast(draws, 1, nameof(draws));
        return new View($"EOT {draws}", (model, _) => new Eot(model, draws), needsRandomness: true) { Draws = draws };
    }

    /// <summary>Whether it is the plain view of this defense.</summary>
    internal bool AddsNothingTo(Classifier model) => _addsNothing(model);

    internal ModelView Of(Classifier model, long block) =>
        _look(model, block) ?? throw new InvalidOperationException($"The view '{Name}' returned null. Let its function make a view of the model.");
}
