using Defenses.Randomness;
using Defenses.Switching;

namespace Defenses.Models;

/// <summary>The view that an attacker has of a model: a named recipe. Plain views and means over draws are made of any model, others of classifiers.</summary>
/// <remarks>
/// A value: two are equal when name, recipe and parameters are equal. Custom views are equal when they also hold the same function. The properties that a
/// view states (<see cref="Draws"/>, <see cref="NeedsRandomness"/>, <see cref="HasSurrogates"/>) stay the same under <see cref="AveragedOver"/>.
/// </remarks>
public sealed class AttackerView : IEquatable<AttackerView>
{
    private readonly ViewRecipe _recipe;

    /// <summary>A custom view of classifiers. Other models are refused; see <see cref="OfAnyModel"/>.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="make">Makes the view of a classifier for a block of images, from the block's number.</param>
    public AttackerView(string name, Func<Classifier, long, ModelView> make) : this(name, new ClassifierRecipe(Require.NotNull(make, nameof(make))))
    {
    }

    private AttackerView(string name, ViewRecipe recipe)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        (Name, _recipe) = (name, recipe);
    }

    /// <summary>The model as it is: a fresh random draw for each query.</summary>
    public static AttackerView Plain { get; } = new("plain", new PlainRecipe());

    /// <summary>The model without randomness.</summary>
    public static AttackerView WithoutRandomness { get; } = new("no randomness", (model, _) => new WithoutRandomness(model)) { NeedsRandomness = true };

    /// <summary>Fixed randomness: one draw of the model, a different one for each block of images.</summary>
    /// <remarks>Draws are numbered by the network's own streams: seed the network (<c>Reseed</c>) for reproducible results.</remarks>
    public static AttackerView FixedDraw { get; } = new("fixed draw", (model, block) => new FixedDraw(model, block)) { NeedsRandomness = true };

    /// <summary>Straight-through gradients where the true gradient is useless (BPDA).</summary>
    public static AttackerView StraightThrough { get; } = new("straight through", (model, _) => new StraightThrough(model)) { HasSurrogates = true };

    /// <summary>As <see cref="StraightThrough"/>, with a steep sigmoid for the jump of JumpReLU.</summary>
    public static AttackerView SmoothedJumps { get; } = new("smoothed jumps", (model, _) => new SmoothedJumps(model)) { HasSurrogates = true };

    /// <summary>The model with the probabilities of pruning and sampling layers differentiated.</summary>
    public static AttackerView DifferentiatedProbabilities { get; } =
        new("differentiated probabilities", (model, _) => new DifferentiableProbabilities(model)) { NeedsRandomness = true };

    /// <summary>The exact mean over every path of a switching network; the plain view of any other model.</summary>
    public static AttackerView AllPaths { get; } = new("all paths", new PathsRecipe()) { NeedsRandomness = true, Draws = int.MaxValue };

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>Draws of a random model behind a gradient, at least 1; by default 1. <see cref="int.MaxValue"/> for a view of all draws.</summary>
    public int Draws { get; init => field = Require.AtLeast(value, 1, nameof(Draws)); } = 1;

    /// <summary>Whether the view needs a random model: on a deterministic model it is the plain view. By default false.</summary>
    public bool NeedsRandomness { get; init; }

    /// <summary>Whether the view differentiates the surrogates of layers. In a network without surrogates a view of single draws is
    /// the plain view. By default false.</summary>
    public bool HasSurrogates { get; init; }

    /// <summary>The view of a single draw behind this one; the view itself where it does not average.</summary>
    internal AttackerView SingleDraw => _recipe switch
    {
        AveragedRecipe of => of.View.SingleDraw, PathsRecipe => Plain, NumberedRecipe => FixedDraw, _ => this,
    };

    /// <summary>The name of the quantity that is averaged over draws; equal for views that differ only in the number of draws.</summary>
    internal string Averages => _recipe is AveragedRecipe { Average: EotAverage.Probabilities } ? $"probabilities of {SingleDraw.Name}" : SingleDraw.Name;

    /// <summary>Whether two views are the same.</summary>
    public static bool operator ==(AttackerView? left, AttackerView? right) => left?.Equals(right) ?? right is null;

    /// <summary>Whether two views differ.</summary>
    public static bool operator !=(AttackerView? left, AttackerView? right) => !(left == right);

    /// <summary>A custom view of any model, such as an oracle or a custom view.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="make">Makes the view of a model for a block of images, from the block's number.</param>
    public static AttackerView OfAnyModel(string name, Func<ModelView, long, ModelView> make) =>
        new(name, new ModelRecipe(Require.NotNull(make, nameof(make))));

    /// <summary>The mean over a number of fresh draws of the model, at least 1.</summary>
    /// <param name="draws">The number of draws.</param>
    /// <param name="average">The quantity that is averaged; by default the loss.</param>
    public static AttackerView Eot(int draws, EotAverage average = EotAverage.Losses) => Plain.AveragedOver(draws, average);

    /// <summary>Several numbered draws at once, at least 2; different ones for each block of images.</summary>
    /// <remarks>As for <see cref="FixedDraw"/>, seed the network.</remarks>
    public static AttackerView FixedDraws(int draws) =>
        new($"{Require.AtLeast(draws, 2, nameof(draws))} fixed draws", new NumberedRecipe(draws)) { NeedsRandomness = true, Draws = draws };

    /// <summary>The mean of this view over a number of fresh draws of the model, at least 1.</summary>
    /// <param name="draws">The number of draws.</param>
    /// <param name="average">The quantity that is averaged; by default the loss.</param>
    public AttackerView AveragedOver(int draws, EotAverage average = EotAverage.Losses)
    {
        Require.AtLeast(draws, 1, nameof(draws));
        if (!Enum.IsDefined(average)) throw new ArgumentOutOfRangeException(nameof(average), average, "average must be a known average.");
        var (before, after) = (this == Plain ? "" : $"{Name}, ", average == EotAverage.Probabilities ? " of probabilities" : "");
        return new AttackerView($"{before}EOT {draws}{after}", new AveragedRecipe(this, draws, average))
        {
            Draws = DrawsWith(draws), NeedsRandomness = NeedsRandomness || this == Plain, HasSurrogates = HasSurrogates,
        };
    }

    /// <summary>The view of a model for a block of images.</summary>
    /// <param name="model">The model, or another model for a comparison under the same attack.</param>
    /// <param name="block">The number of the block: fixed draws differ from block to block. 0 by default.</param>
    /// <exception cref="ArgumentException">The view changes the network of a classifier, and the model is none.</exception>
    /// <exception cref="InvalidOperationException">The function of a custom view returned null.</exception>
    public ModelView Of(ModelView model, long block = 0)
    {
        Require.NotNull(model, nameof(model));
        if (!_recipe.Takes(model)) throw ForClassifiers(model, "the model");
        return _recipe.Of(model, block)
            ?? throw new InvalidOperationException($"The view '{Name}' returned null. Return a view of the model from its function.");
    }

    /// <summary>Throws where the view is more than the plain view of a model and cannot be made of it.</summary>
    /// <exception cref="ArgumentException">The view changes the network of a classifier, and the model is none.</exception>
    internal void MustTake(ModelView model, string what)
    {
        if (!CanBeMadeOf(model) && !IsPlainOn(model)) throw ForClassifiers(model, what);
    }

    /// <summary>Whether the view can be made of a model.</summary>
    internal bool CanBeMadeOf(ModelView model) => _recipe.Takes(model);

    /// <summary>Whether it is the plain view of a model, so that a second attack on it is not needed.</summary>
    public bool IsPlainOn(ModelView model)
    {
        var isRandom = Require.NotNull(model, nameof(model)).IsRandom;
        var network = (model as Classifier)?.Network;
        return this == Plain || (NeedsRandomness && !isRandom) || (_recipe is PathsRecipe && network is not SwitchingNetwork)
            || (HasSurrogates && (Draws == 1 || !isRandom) && !(network?.HasSurrogates() ?? model.Networks.Any(each => each.HasSurrogates())));
    }

    /// <inheritdoc/>
    public bool Equals(AttackerView? other) => other is not null && (Name, _recipe, Draws, NeedsRandomness, HasSurrogates)
        .Equals((other.Name, other._recipe, other.Draws, other.NeedsRandomness, other.HasSurrogates));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as AttackerView);

    /// <inheritdoc/>
    public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);

    /// <summary>The name.</summary>
    public override string ToString() => Name;

    /// <summary>The same view over more draws: the number of draws times a factor.</summary>
    internal AttackerView OverMore(int factor) =>
        _recipe is AveragedRecipe of ? of.View.AveragedOver((int)Math.Min(int.MaxValue, (long)of.Draws * factor), of.Average) : AveragedOver(factor);

    /// <summary>The draws behind a gradient of an attack that averages over a number of draws itself.</summary>
    internal int DrawsWith(int draws) => (int)Math.Min(int.MaxValue, (long)Draws * draws);

    private ArgumentException ForClassifiers(ModelView model, string what) => new(
        $"The view '{Name}' changes the network of a Classifier, and {what} is a {model.GetType().Name}, whose network it cannot change. " +
        "Use AttackerView.Plain or AttackerView.Eot, or give a Classifier of the network.", nameof(model));
}
