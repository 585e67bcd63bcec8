using System.CommandLine;
using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Models;
using Defenses.Papers;

namespace Defenses.Cli;

/// <summary>The options of the threat model.</summary>
internal sealed class ThreatOptions
{
    private readonly Option<int> _tries = CommonOptions.Whole("--tries",
        "How often the attacker may try an image, each time on a fresh draw, at most --draws. The report leads with it.", 1);

    private readonly Option<bool> _knowsDraw = new("--known-draw")
    {
        Description = "The attacker knows the draw that answers: each image is attacked by itself and judged with one draw of the model.",
    };

    private readonly Option<string> _sees = new Option<string>("--sees")
    {
        Description = "What the attacker sees of the model. Attacks that need more are left out, or refused where they are asked for.",
        DefaultValueFactory = _ => "gradients",
    }.AcceptOnlyFromAmong("gradients", "scores", "decisions");

    internal Command With(Command command)
    {
        foreach (var option in new Option[] { _tries, _knowsDraw, _sees }) command.Options.Add(option);
        return command;
    }

    /// <exception cref="UserError">The options do not fit together.</exception>
    internal ThreatModel Read(ParseResult parsed, int draws)
    {
        var threat = new ThreatModel
        {
            Tries = Checked(parsed.GetValue(_tries), draws), KnowsDraw = parsed.GetValue(_knowsDraw),
            Sees = parsed.GetValue(_sees) switch
            {
                "decisions" => ModelAnswers.Decisions, "scores" => ModelAnswers.Scores, _ => ModelAnswers.Gradients,
            },
        };
        return threat is { KnowsDraw: true, Tries: > 1 }
            ? throw new UserError("--tries above 1 and --known-draw do not go together: another try meets the same draw.") : threat;
    }

    /// <summary>The attacks that the attacker can make.</summary>
    /// <exception cref="UserError">One that was asked for needs more than the attacker sees.</exception>
    internal static NamedAttack[] Possible(ThreatModel threat, NamedAttack[] attacks, bool areChosen)
    {
        NamedAttack[] known = [.. NamedAttack.All.Where(attack => Needs(attack) <= threat.Sees)];
        NamedAttack[] possible = [.. attacks.Where(attack => Needs(attack) <= threat.Sees)];
        if (areChosen && possible.Length < attacks.Length)
        {
            var other = attacks.First(attack => Needs(attack) > threat.Sees);
            throw new UserError($"--attack {other.Name} needs {Word(Needs(other))}, and --sees {Word(threat.Sees)} gives none. "
                + $"Attacks that need no more: {string.Join(", ", known.Select(attack => attack.Name))}.");
        }
        return possible.Length > 0 ? possible : known;
    }

    /// <exception cref="UserError">There are more tries than draws.</exception>
    internal static int Checked(int tries, int draws) => tries <= draws ? tries
        : throw new UserError($"--tries must be at most --draws, {draws}: so many draws say nothing about more tries; it is {tries}.");

    private static ModelAnswers Needs(NamedAttack attack) => attack.NeedsGradient ? ModelAnswers.Gradients
        : attack.Make(0.1, 1).Knowledge.HasFlag(Knowledge.Scores) ? ModelAnswers.Scores : ModelAnswers.Decisions;

    private static string Word(ModelAnswers answers) => answers.ToString().ToLowerInvariant();
}
