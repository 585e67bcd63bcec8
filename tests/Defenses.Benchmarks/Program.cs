using System.CommandLine;
using Defenses.Benchmarks.Commands;

var root = new RootCommand("Measures Defenses as ratios within one run; absolute times say little on a shared machine.")
{
    TableCommand.Attacks(),
    TableCommand.Layers(),
    TableCommand.Training(),
    TableCommand.Retrofit(),
    TableCommand.Oracles(),
    MemoryCommand.Create(),
    RetrofitMemoryCommand.Create(),
    MinimumNormCommand.Create(),
    MicroCommand.Create(),
};
try
{
    return root.Parse(args).Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (Exception error) when (error is IOException or InvalidDataException or UnauthorizedAccessException)
{
    Console.Error.WriteLine(error.Message);
    return 2;
}
