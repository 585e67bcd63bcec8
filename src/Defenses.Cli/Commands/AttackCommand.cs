using System.CommandLine;

namespace Defenses.Cli;

/// <summary>The options of <c>attack</c>.</summary>
internal static class AttackCommand
{
    private static readonly ModelOptions Model = new("attack", 100, isResumable: true);
    private static readonly Option<string> Attack = ModelOptions.Attack("pgd"), Epsilon = ModelOptions.Epsilon();
    private static readonly Option<int> Steps = ModelOptions.Steps(), EotDraws = ModelOptions.EotDraws(), Draws = ModelOptions.Draws();

    private static readonly Option<bool> Pictures = new("--pictures")
    {
        Description = "Also write a PNG of each image into the subfolder pictures: original, attacked image and difference side by side.",
    };

    internal static Command Create()
    {
        var command = Model.With(new Command("attack",
            "Attack a model, judge on fresh draws, and save the images: adversarial.safetensors (an AdversarialSet, which 'judge' takes) and attack.json. "
            + "A stopped attack goes on with the same command.") { Attack, Epsilon, Steps, EotDraws, Draws, Pictures });
        command.SetAction((parsed, cancellation) => CommonOptions.Guard(parsed, cancellation, stop => new AttackRun(Model.Read(parsed), Settings(parsed),
            model => Origin.Of(parsed, model), stop).Execute()));
        return command;
    }

    private static AttackSettings Settings(ParseResult parsed) => new(
        NamedAttack.Find(parsed.GetValue(Attack)!), NamedAttack.Epsilon(parsed.GetValue(Epsilon)!), parsed.GetValue(Steps), parsed.GetValue(EotDraws),
        parsed.GetValue(Draws), parsed.GetValue(Pictures));
}
