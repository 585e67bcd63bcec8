namespace Defenses.Papers;

/// <summary>The experiments of one paper, run again: <c>defenses run --protocol NAME --preset smoke|quick|paper</c>.</summary>
/// <remarks>
/// To add one, write a class with a constructor without parameters in a folder of its own in this project; it is found by itself, nothing else is
/// edited. Inside <see cref="Run"/>:
/// <code>
/// var size = Sizes.Of(context.Preset, context.Images);                        // your own record of sizes
/// var network = context.Train("base", Networks.HrsMnist(context.Seed), data, options);   // resumed when killed; finished ones are only read
/// var rates = context.Step("table 2, dropout 0.3", () => Measure(network));   // done once: kept as JSON, read back when the run goes on
/// var report = context.Evaluate("attacks", evaluation, examples);             // a RobustnessEvaluation, resumed piece by piece
/// return context.Report(new Page { Eyebrow = …, Title = …, Sections = [ … ] });  // tables with the paper's numbers beside ours, figures, findings
/// </code>
/// Everything random must follow from <see cref="ProtocolContext.Seed"/> (use <c>context.SeedOf("what")</c>) and from nothing that happened earlier in the
/// process, or a run that was killed would end otherwise than one in one piece. A step's result is a number, text, array, list, dictionary or a record of
/// those (Proportion and Estimate, too): no tensors. Keep steps short (a minute or so): a killed run loses the step it was in.
/// Text for the page is plain; rates are fractions; give each number its interval and each difference from the paper its reason (PageRow.Why).
/// </remarks>
public interface IProtocol
{
    /// <summary>The name for --protocol: lower case, with hyphens.</summary>
    string Name { get; }

    /// <summary>Authors, year and title of the paper.</summary>
    string Paper { get; }

    /// <summary>Which of its tables and figures are reproduced, in a sentence.</summary>
    string Reproduces { get; }

    /// <summary>The data sets that it can run on besides 'synthetic', as they are named for --dataset; the first is the default where it is found.</summary>
    IReadOnlyList<string> DataSets { get; }

    /// <summary>What a preset's sizes are, in a sentence: images, epochs, steps, draws, and how long it takes.</summary>
    /// <param name="dataSet">As it is named for --dataset.</param>
    /// <param name="images">How many images are attacked; null for the preset's number.</param>
    string Sizes(string preset, string dataSet, int? images);

    /// <summary>Does the work, or what is left of it, and reports.</summary>
    ProtocolReport Run(ProtocolContext context);
}
