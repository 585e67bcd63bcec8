using System.CommandLine;

namespace Defenses.Benchmarks.Commands;

/// <summary>The options that all tables share.</summary>
internal sealed class TableOptions
{
    private readonly Option<string> _filter = new("--filter")
    {
        Description = "Only rows whose name contains this text, in any case.", DefaultValueFactory = _ => "",
    };

    private readonly Option<int> _rounds = AtLeastOne("--rounds", "How often each row is measured; the median counts.", 5);

    private readonly Option<int> _threads = AtLeastOne("--threads", "Threads for torch. Bars are meant for one.", 1);

    private readonly Option<string?> _data = new("--data")
    {
        Description = "The folder of the MNIST files. Looked for in ../shared/data when not given; synthetic digits when nothing is found.",
    };

    private readonly Option<string?> _out = new("--out") { Description = "A Markdown page to put the table into, such as docs/results.md." };

    private readonly Option<bool> _check = new("--check") { Description = "Exit with 1 when a median misses its bar." };

    public List<Option> All => [_filter, _rounds, _threads, _data, _out, _check];

    public TableSettings Read(ParseResult parsed) => new(
        parsed.GetValue(_filter)!, parsed.GetValue(_rounds), parsed.GetValue(_threads), parsed.GetValue(_data), parsed.GetValue(_out), parsed.GetValue(_check));

    private static Option<int> AtLeastOne(string name, string description, int usual)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => usual };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && int.TryParse(result.Tokens[0].Value, out var value) && value < 1)
            {
                result.AddError($"{name} must be at least 1; it is {value}.");
            }
        });
        return option;
    }
}
