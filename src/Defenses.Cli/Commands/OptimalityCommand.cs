using System.CommandLine;
using Defenses.Papers;

namespace Defenses.Cli;

/// <summary>The options of <c>optimality</c>.</summary>
internal static class OptimalityCommand
{
    private static readonly ModelOptions Model = new("optimality", 50, isResumable: true);
    private static readonly Option<int> EotDraws = ModelOptions.EotDraws(), Draws = ModelOptions.Draws();

    private static readonly string[] s_names =
        [.. SmallestAttacks.Norms.Values.SelectMany(norm => SmallestAttacks.All(norm, 1)).Select(attack => attack.Name).Distinct()];

    private static readonly Option<int[]> Steps = new("--steps")
    {
        Description = "Steps of an attack (may be given several times, to compare efforts; the largest number counts).",
        DefaultValueFactory = _ => [100], HelpName = "number",
        CustomParser = result => [.. result.Tokens.Select(token =>
        {
            if (int.TryParse(token.Value, System.Globalization.CultureInfo.InvariantCulture, out var steps) && steps >= 1) return steps;
            result.AddError($"--steps must be a whole number from 1 to {int.MaxValue}; it is '{token.Value}'.");
            return 1;
        }).Distinct().Order()],
    };

    private static readonly Option<string[]> Norms = new("--norm")
    {
        Description = $"The norms (may be given several times): {string.Join(", ", SmallestAttacks.Norms.Keys)}.",
        DefaultValueFactory = _ => [.. SmallestAttacks.Norms.Keys], HelpName = "name",
    };

    private static readonly Option<string[]> Attacks = new("--attack")
    {
        Description = $"Only these attacks (may be given several times): {string.Join(", ", s_names)}.", HelpName = "name",
    };

    private static readonly Option<string[]> Others = new("--beside")
    {
        Description = "Further models (may be given several times): TorchScript, or weights that train.json beside them or --network describes.",
        HelpName = "file",
    };

    private static readonly Option<string?> Reference = new("--reference")
    {
        Description = "The smallest changes that others found on the same models and images, as JSON; models are named by their files without the ending.",
        HelpName = "file",
    };

    internal static Command Create()
    {
        Norms.AcceptOnlyFromAmong([.. SmallestAttacks.Norms.Keys]);
        Attacks.AcceptOnlyFromAmong(s_names);
        var command = Model.With(new Command("optimality",
            "The smallest change of each image by every attack that searches one, and how near each attack comes to the smallest of all: protocol.json, "
            + "protocol.md, protocol.html, and changes.json, which --reference takes.") { Others, Norms, Attacks, Steps, EotDraws, Draws, Reference });
        command.SetAction((parsed, cancellation) => CommonOptions.Guard(parsed, cancellation, stop => new OptimalityRun(Model.Read(parsed), Settings(parsed),
            model => Origin.Of(parsed, model), stop).Execute()));
        return command;
    }

    private static OptimalitySettings Settings(ParseResult parsed) => new(
        parsed.GetValue(Others) ?? [], [.. parsed.GetValue(Norms)!.Distinct()], parsed.GetValue(Steps)!, parsed.GetValue(EotDraws), parsed.GetValue(Draws),
        parsed.GetValue(Reference), parsed.GetValue(Attacks) is { Length: > 0 } names ? [.. names.Distinct()] : null);
}
