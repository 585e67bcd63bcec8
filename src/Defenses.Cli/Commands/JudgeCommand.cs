using System.CommandLine;
using Defenses.Papers;

namespace Defenses.Cli;

/// <summary>The options of <c>judge</c>.</summary>
internal static class JudgeCommand
{
    private static readonly ModelOptions Model = new("judge", 1, hasData: false);
    private static readonly Option<int> Draws = ModelOptions.Draws();

    private static readonly Option<string> Saved = new("--adversarial")
    {
        Description = "What 'attack' has saved: its folder, or the file adversarial.safetensors in it.", HelpName = "file or folder", Required = true,
    };

    internal static Command Create()
    {
        var command = Model.With(new Command("judge",
            "Judge saved adversarial images on a model, on fresh draws: on the model that was attacked, or on another one, which is a transfer. "
            + "Writes judge.json.")
        {
            Saved, Draws,
        });
        command.SetAction((parsed, cancellation) => CommonOptions.Guard(parsed, cancellation, stop =>
        {
            new JudgeRun(Model.Read(parsed), parsed.GetValue(Saved)!, parsed.GetValue(Draws), model => Origin.Of(parsed, model), stop).Execute();
            return Task.CompletedTask;
        }));
        return command;
    }
}
