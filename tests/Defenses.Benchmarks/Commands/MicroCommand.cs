using System.CommandLine;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace Defenses.Benchmarks.Commands;

/// <summary>BenchmarkDotNet over the small parts. In this process, since the projects it would generate know nothing of the backend.</summary>
internal static class MicroCommand
{
    public static Command Create()
    {
        var command = new Command("micro", "Small parts, by BenchmarkDotNet, which takes the options: --filter *Random*, --list flat, ...")
        {
            TreatUnmatchedTokensAsErrors = false,
        };
        command.SetAction(parsed =>
        {
            var given = parsed.UnmatchedTokens.ToArray();
            var config = ManualConfig.Create(DefaultConfig.Instance).AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance).AsDefault());
            string[] options = given.Any(option => option is "--filter" or "-f" or "--list") ? given : [.. given, "--filter", "*"];
            var summaries = BenchmarkSwitcher.FromAssembly(typeof(MicroCommand).Assembly).Run(options, config).ToList();
            var failed = summaries.Any(summary => summary.HasCriticalValidationErrors || summary.Reports.Any(report => !report.Success));
            return failed ? 1 : 0;
        });
        return command;
    }
}
