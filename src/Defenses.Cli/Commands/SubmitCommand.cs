using System.CommandLine;
using TorchSharp;

namespace Defenses.Cli;

/// <summary>The options of <c>submit</c>.</summary>
internal static class SubmitCommand
{
    private static readonly Argument<string> Folder = new("record") { Description = "The record that the images attack; it stays as it is." };
    private static readonly Option<int> Threads = CommonOptions.Threads();

    private static readonly Option<string> Adversarial = new("--adversarial")
    {
        Description = "The adversarial images, in the order of the record's: a .npy file (floats in the record's bounds, or uint8), or what 'attack' has "
            + "saved.",
        HelpName = "file or folder", Required = true,
    };

    private static readonly Option<string> Name = new("--name") { Description = "The name of the attack.", HelpName = "name", Required = true };

    private static readonly Option<string?> Epsilon = new("--epsilon")
    {
        Description = "The budget of the record that they keep, such as 8/255. Default: the record's headline.", HelpName = "number",
    };

    private static readonly Option<string> By = new("--by") { Description = "Who made them.", DefaultValueFactory = _ => "unknown", HelpName = "name" };
    private static readonly Option<string> How = new("--how") { Description = "How they were made.", DefaultValueFactory = _ => "", HelpName = "text" };

    private static readonly Option<string> Out = new("--out") { Description = "The folder of the new record.", HelpName = "folder", Required = true };

    internal static Command Create()
    {
        var command = new Command("submit",
            "Add adversarial images by others to a record: the judge judges them on draws that nobody knew, and a better attack lowers the line.")
        {
            Folder, Adversarial, Name, Epsilon, By, How, Out, Threads,
        };
        command.SetAction((parsed, cancellation) => CommonOptions.Guard(parsed, cancellation, _ =>
        {
            var threads = parsed.GetValue(Threads);
            torch.set_num_threads(threads > 0 ? threads : Environment.ProcessorCount);
            Run(parsed).Execute();
            return Task.CompletedTask;
        }, folder: Path.GetDirectoryName(Path.GetFullPath(parsed.GetValue(Out)!))));
        return command;
    }

    private static SubmitRun Run(ParseResult parsed) => new()
    {
        Record = parsed.GetValue(Folder)!, Adversarial = parsed.GetValue(Adversarial)!, Name = parsed.GetValue(Name)!, By = parsed.GetValue(By)!,
        Epsilon = parsed.GetValue(Epsilon) is { } epsilon ? NamedAttack.Epsilon(epsilon) : null, How = parsed.GetValue(How)!, Into = parsed.GetValue(Out)!,
    };
}
