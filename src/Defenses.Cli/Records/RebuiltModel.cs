using Defenses.Evaluation;
using Defenses.Models;
using Defenses.Papers;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Cli;

/// <summary>The model of a record, made again from the record alone.</summary>
internal sealed class RebuiltModel : IDisposable
{
    private readonly IDisposable[] _owned;

    private RebuiltModel(ModelView view, params IDisposable[] owned) => (View, _owned) = (view, owned);

    internal ModelView View { get; }

    /// <summary>Makes the model.</summary>
    /// <exception cref="UserError">The record does not say how, or in words that this version does not know.</exception>
    /// <exception cref="InvalidDataException">A file of the model is damaged, or does not fit.</exception>
    internal static RebuiltModel Open(EvaluationRecord record)
    {
        if (record.Settings is not { Lower: 0, Upper: 1 })
            throw new UserError($"{record.Name}: the images are within {record.Settings.Lower} to {record.Settings.Upper}; models of the command line take "
                + "0 to 1. Verify the record in the program that made it, with EvaluationRecord.Verify.");
        return record.Model.Recipe.ContainsKey(RecordRecipe.Defense) ? Protected(record)
            : record.Model.Recipe.TryGetValue(RecordRecipe.File, out var file) ? OfFile(record, file)
            : throw new UserError($"{record.Name}: the record does not say how its model is made. Verify it in the program that made it, with "
                + "EvaluationRecord.Verify.");
    }

    public void Dispose()
    {
        foreach (var owned in _owned) owned.Dispose();
    }

    private static RebuiltModel Protected(EvaluationRecord record)
    {
        var recipe = DefenseRecipe.Find(record.Model.Recipe[RecordRecipe.Defense]);
        using var images = record.ReadImages();
        var builder = new RecordedBuilder(record, images);
        try
        {
            var network = recipe.Make(builder);
            ModelFile.Load(network, File(record, RecordRecipe.Weights));
            network.eval();
            return new RebuiltModel(new Classifier(network, Bounds.Unit), builder);
        }
        catch
        {
            builder.Dispose();
            throw;
        }
    }

    private static RebuiltModel OfFile(EvaluationRecord record, string file)
    {
        var recipe = record.Model.Recipe;
        using var images = record.ReadImages();
        var channels = recipe.GetValueOrDefault(RecordRecipe.Channels) is { Length: > 0 } text ? TrainCommand.Counts(text) : null;
        var network = recipe.GetValueOrDefault(RecordRecipe.Network);
        var settings = new ModelSettings(File(record, file), network, channels, int.MaxValue,
            new RunSettings("auto", null, false, "quick", 1, "", false, false, [], 0))
        {
            Option = "the record's model", Normalization = Normalization.Parse(Given(RecordRecipe.Mean), Given(RecordRecipe.Std)),
        };
        var opened = OpenedModel.Open(settings, null, [.. images.shape[1..]]);
        if (opened.Oracle is { } oracle) return new RebuiltModel(oracle, opened);
        var head = recipe.GetValueOrDefault(RecordRecipe.Head) == $"{OutputHead.OneLogit}" ? OutputHead.OneLogit : OutputHead.Logits;
        return new RebuiltModel(new Classifier(opened.Network!, Bounds.Unit, settings.Normalization.For([.. images.shape[1..]])) { Head = head }, opened);

        string? Given(string name) => recipe.GetValueOrDefault(name) is { Length: > 0 } value ? value : null;
    }

    private static string File(EvaluationRecord record, string name) => record.Model.Files.Contains(name) ? record.ModelFile(name)
        : throw new InvalidDataException($"The record has no file '{name}' of its model. Make the record again.");
}
