using System.CommandLine;
using DefenseBench.Commands;

var root = new RootCommand("Trains a network, protects it, attacks it, and says honestly how hard it is to fool.")
{
    RunCommand.Create(), MergeCommand.Create(), TrainCommand.Create(), AttackCommand.Create(), DetectCommand.Create(), EvaluateCommand.Create(),
    DoctorCommand.Create(), ReportCommand.Create(), ListCommand.Create(),
};
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
