using Defenses.Pages;
using Defenses.Statistics;
using Spectre.Console;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Cli;

/// <summary>A model that recognizes few images is usually fed with other images than it was made for; this says so, with the usual causes.</summary>
internal static class LowAccuracy
{
    private const int Most = 200, Batch = 50;
    private const string Title = "Few images are recognized without an attack";

    /// <summary>Looks at the first images, tells the user, and gives a finding for reports; null where enough are recognized.</summary>
    internal static Finding? Look(LoadedModel model, ModelSettings settings)
    {
        var (right, count, classes) = Count(model);
        if (Of(new Proportion(right, count), classes) is not { } reason) return null;
        var finding = new Finding(Severity.Note, Title, reason, Causes(model.Data, settings), model.Name);
        AnsiConsole.MarkupLineInterpolated($"[yellow]{Title}.[/] {finding.Reason} {finding.Action}");
        return finding;
    }

    /// <summary>What is low: an interval that ends below the middle between a guess and all. Null where it does not.</summary>
    internal static string? Of(Proportion recognized, long classes) => recognized.Upper >= (1 + 1.0 / classes) / 2 ? null
        : $"{recognized} of {recognized.Trials} images" + (recognized.Lower <= 1.0 / classes ? $"; a guess among {classes} classes does as well." : ".");

    private static string Causes(TestData data, ModelSettings settings)
    {
        var causes = new List<string>
        {
            settings.Normalization.IsNone ? "--mean and --std are not given, and the network was trained on normalized images"
                : "--mean and --std are not those of the training, or not in units of 0 to 1 (divide numbers for 0 to 255 by 255)",
        };
        if (data.IsFolder) causes.Add($"the network numbers the classes in another order than the folders' names ({Numbered(data)}): give it by --classes");
        else causes.Add("labels and network number the classes in another order");
        if (data.IsColor) causes.Add("channels come as red, green, blue, and the network expects blue, green, red");
        causes.Add("images come as numbers from 0 to 1, and the network expects 0 to 255 (--mean 0 --std 0.00392157) or -1 to 1 (--mean 0.5 --std 0.5)");
        if (data.IsFolder) causes.Add("the training resized or cropped the pictures, or took them grey or negative: --size, --crop, --grey");
        causes.Add("the weights belong to other data");
        return $"Usual causes: {string.Join("; ", causes)}.";
    }

    private static string Numbered(TestData data) =>
        string.Join(", ", data.ClassNames.Take(3).Select((name, number) => $"{number} = {name}")) + (data.ClassNames.Count > 3 ? ", …" : "");

    private static (long Right, long Count, long Classes) Count(LoadedModel model)
    {
        using var noGrad = no_grad();
        var (view, data) = (model.View, model.Data);
        var (right, count) = (0L, Math.Min(Most, data.Chosen));
        for (var i = 0L; i < count; i += Batch)
        {
            using var scope = NewDisposeScope();
            var rows = Math.Min(Batch, count - i);
            var (images, labels) = data.Read(i, rows);
            right += view.Logits(images).argmax(1).eq(labels).sum().ToInt64();
        }
        return (right, count, view.Classes);
    }
}
