using System.CommandLine;

namespace Defenses.Cli;

/// <summary>The options of <c>doctor</c>.</summary>
internal static class DoctorCommand
{
    private static readonly ModelOptions Model = new("doctor", 32);

    private static readonly Option<string[]> Layer = new("--layer")
    {
        Description = "Put a layer in first (may be given several times): \"gaussian-noise(0.1) before every conv\", \"sap after relu5\", "
            + "\"jump-relu(0.2) instead of every relu\". " +
            $"Known: {LayerOrder.Known}.",
        HelpName = "order",
    };

    private static readonly Option<string?> Epsilon =
        new("--epsilon") { Description = "The budget, of a range of 0 to 1, as a number or fraction such as 8/255. Default: 64/255 on grey, 8/255 on "
        + "colour images.", HelpName = "number" };

    private static readonly Option<string> View = new Option<string>("--view")
    {
        Description = "What the attack looks at. auto: eot where the model draws, else plain.", DefaultValueFactory = _ => "auto",
    }.AcceptOnlyFromAmong("auto", "plain", "eot", "straight-through", "no-randomness");

    private static readonly Option<int> Steps = CommonOptions.Whole("--steps", "Steps of PGD, the attack in question.", 50);
    private static readonly Option<int> Draws = CommonOptions.Whole("--eot", "Draws behind a gradient where the model draws.", 20);
    private static readonly Option<bool> Cheap = new("--cheap")
    {
        Description = "Only the checks that attack nothing: seconds instead of minutes. It cannot say that a model is trustworthy; " +
            "exit code 4 where nothing is found.",
    };

    internal static Command Create()
    {
        var command = Model.With(new Command("doctor",
            "Examine a model: does it do what its owner believes, and would an attack find what is there? " +
            "Exit code 0: trustworthy, 2: suspicious, 3: invalid, 4: nothing found, but nothing attacked it (--cheap), 1: a mistake.")
        {
            Layer, Epsilon, View, Steps, Draws, Cheap,
        });
        command.SetAction((parsed, cancellation) => CommonOptions.Guard(parsed, cancellation, async (_, stop) =>
        {
            using var run = new DoctorRun(Model.Read(parsed), Doctor(parsed), model => Origin.Of(parsed, model), stop);
            return await run.Execute();
        }));
        return command;
    }

    private static DoctorSettings Doctor(ParseResult parsed) => new()
    {
        Layers = parsed.GetValue(Layer) ?? [], Epsilon = parsed.GetValue(Epsilon) is { } epsilon ? NamedAttack.Epsilon(epsilon) : null,
        View = parsed.GetValue(View)!,
        Steps = parsed.GetValue(Steps), EotDraws = parsed.GetValue(Draws), Cheap = parsed.GetValue(Cheap),
    };
}
