using System.CommandLine;
using Defenses.Papers;

namespace Defenses.Cli;

/// <summary>The options of <c>certify</c>.</summary>
internal static class CertifyCommand
{
    private static readonly ModelOptions Model = new("certify", 100, isResumable: true);

    private static readonly Option<double> Sigma = CommonOptions.Number("--sigma",
        "σ of the noise, in units of pixels from 0 to 1. Train with the same: train --method gaussian-augmentation.", 0.25, "a number above 0", value =>
            value is > 0 and < double.PositiveInfinity);

    private static readonly Option<int> Draws = CommonOptions.Whole("--draws",
        "Noisy copies of each image that bound the probability of its class: more prove larger radii. The paper takes 100000.", 10_000);

    private static readonly Option<int> Selection = CommonOptions.Whole("--selection", "Other noisy copies, which choose the class.", 100);

    private static readonly Option<double> Alpha = CommonOptions.Number("--alpha", "How probable a wrong certificate may be.", 0.001,
        "a number between 0 and 1", value => value is > 0 and < 1);

    private static readonly Option<string[]> Radii = new("--radius")
    {
        Description = "Radii in L2 for the table, in units of pixels from 0 to 1 (may be given several times).",
        DefaultValueFactory = _ => ["0", "0.25", "0.5", "0.75", "1"], HelpName = "number",
    };

    internal static Command Create()
    {
        var command = Model.With(new Command("certify",
            "Prove by randomized smoothing how far images can be changed in L2 before the answer changes: certify.json, certify.md and certify.html with the "
            + "accuracy over the radius. A stopped certification goes on with the same command.") { Sigma, Draws, Selection, Alpha, Radii });
        command.SetAction((parsed, cancellation) => CommonOptions.Guard(parsed, cancellation, stop => new CertifyRun(Model.Read(parsed), Settings(parsed),
            model => Origin.Of(parsed, model), stop).Execute()));
        return command;
    }

    private static CertifySettings Settings(ParseResult parsed) => new(
        parsed.GetValue(Sigma), parsed.GetValue(Draws), parsed.GetValue(Selection), parsed.GetValue(Alpha),
        [.. parsed.GetValue(Radii)!.Select(Radius).Distinct().Order()]);

    private static double Radius(string text) =>
        double.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var radius) && radius is >= 0 and < double.PositiveInfinity ? radius
            : throw new UserError($"--radius must be a number, 0 or above; it is '{text}'.");
}
