namespace Defenses.Models;

/// <summary>How an <see cref="AttackerView"/> is made. Records, so that recipes with the same parameters are equal.</summary>
internal abstract record ViewRecipe
{
    /// <summary>Whether the view can be made of a model; by default of classifiers.</summary>
    internal virtual bool Takes(ModelView model) => model is Classifier;

    /// <summary>The view of a model that the recipe takes, for a block of images.</summary>
    internal abstract ModelView? Of(ModelView model, long block);
}

/// <summary>The model itself.</summary>
internal sealed record PlainRecipe : ViewRecipe
{
    internal override bool Takes(ModelView model) => true;

    internal override ModelView Of(ModelView model, long block) => model;
}

/// <summary>A function of classifiers.</summary>
internal sealed record ClassifierRecipe(Func<Classifier, long, ModelView> Make) : ViewRecipe
{
    internal override ModelView? Of(ModelView model, long block) => Make((Classifier)model, block);
}

/// <summary>A function of any model.</summary>
internal sealed record ModelRecipe(Func<ModelView, long, ModelView> Make) : ViewRecipe
{
    internal override bool Takes(ModelView model) => true;

    internal override ModelView? Of(ModelView model, long block) => Make(model, block);
}

/// <summary>The mean of a view over draws.</summary>
internal sealed record AveragedRecipe(AttackerView View, int Draws, EotAverage Average) : ViewRecipe
{
    internal override bool Takes(ModelView model) => View.CanBeMadeOf(model);

    internal override ModelView Of(ModelView model, long block) => new Eot(View.Of(model, block), Draws) { Average = Average };
}

/// <summary>Several numbered draws at once.</summary>
internal sealed record NumberedRecipe(int Draws) : ViewRecipe
{
    internal override ModelView Of(ModelView model, long block) =>
        new Surrogates([.. Enumerable.Range(0, Draws).Select(draw => new FixedDraw((Classifier)model, unchecked(block * Draws + draw)))]);
}

/// <summary>All paths of a switching network.</summary>
internal sealed record PathsRecipe : ViewRecipe
{
    internal override bool Takes(ModelView model) => true;

    internal override ModelView Of(ModelView model, long block) => model is Classifier classifier ? AllPaths.Of(classifier) : model;
}
