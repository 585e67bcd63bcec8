using Defenses.Evaluation;
using Defenses.Papers;
using Defenses.Statistics;
using Spectre.Console;

namespace Defenses.Cli;

/// <summary>What the user sees meanwhile, and the table at the end.</summary>
internal sealed class Display(IAnsiConsole console) : IRunDisplay
{
    public void Say(FormattableString text) => console.MarkupLineInterpolated(text);

    /// <summary>Does work that reports its share done (in percent) and the time left.</summary>
    public T Training<T>(string name, Func<Action<double, TimeSpan>, T> work) => Progress().Start(context =>
    {
        var task = context.AddTask(Markup.Escape($"train {name}"));
        var result = work((percent, left) =>
        {
            task.Value = percent;
            task.Description = Markup.Escape($"train {name} ({Left(left)})");
        });
        task.Value = 100;
        return result;
    });

    /// <summary>Does work on a number of things under a progress bar.</summary>
    /// <param name="name">What is done.</param>
    /// <param name="total">How many there are.</param>
    /// <param name="work">Tells how many are done.</param>
    internal T Share<T>(string name, double total, Func<Action<double>, T> work) => Progress().Start(context =>
    {
        var task = context.AddTask(Markup.Escape(name), maxValue: total);
        var result = work(done => task.Value = done);
        task.Value = total;
        return result;
    });

    /// <summary>Runs the evaluation under a progress bar.</summary>
    public T Evaluation<T>(Func<IProgress<EvaluationProgress>, T> work) => Progress().Start(context =>
    {
        var task = context.AddTask("attack and judge");
        return work(new SynchronousProgress<EvaluationProgress>(progress =>
        {
            task.MaxValue = Math.Max(1, progress.Total);
            task.Value = progress.Done;
            task.Description = Markup.Escape($"{progress.Doing}{(progress.Left is { } left ? $" ({Left(left)})" : "")}");
        }));
    });

    /// <summary>Accuracy, defense rate and DES of every defense under the worst attack at the headline strength.</summary>
    internal void Table(EvaluationReport report)
    {
        var headline = report.Settings.Headline;
        var table = new Table().RoundedBorder().Title(Markup.Escape(
            $"worst attack per image, ε = {headline * 255:0.#}/255, {report.Settings.Images} images, {report.Settings.Draws} draws each"));
        var tries = report.Settings.Threat?.Tries ?? 1;
        var under = tries == 1 ? "accuracy under attack" : $"accuracy in all {tries} tries under attack";
        foreach (var column in new[] { "defense", "accuracy", "defense rate", under, "DES", "cost" }) table.AddColumn(column);
        foreach (var defense in report.Defenses)
        {
            var at = defense.Strengths.First(strength => strength.Epsilon == headline);
            var (worst, held) = (at.Worst, tries == 1 ? at.Worst.Accuracy.MeanDraw : at.Tries?.At(tries)?.Accuracy);
            var cost = report.Timing?.Forward.FirstOrDefault(entry => entry.Defense == defense.Name)?.Ratio;
            table.AddRow(
                Markup.Escape(defense.Name), Rate(defense.Accuracy.MeanDraw), Rate(worst.DefenseRate), Rate(held),
                Markup.Escape(Score(worst.Efficiency)), cost is { } ratio ? $"{ratio:0.00}×" : "–");
        }
        console.Write(table);
        foreach (var same in report.Findings.GroupBy(finding => (finding.Title, finding.Action)).Take(5))
        {
            var reasons = same.Select(finding => finding.Reason).Distinct().ToArray();
            var reason = reasons.Length == 1 ? reasons[0] : $"{reasons[0]} (and {reasons.Length - 1} more)";
            var defenses = string.Join(", ", same.Select(finding => finding.Defense).OfType<string>());
            Say($"[yellow]{same.Key.Title}[/]{(defenses.Length > 0 ? $" ({defenses})" : "")} {reason}");
        }

    }

    private static string Rate(Proportion? rate) =>
        rate is null ? "–" : Markup.Escape($"{rate.Rate:P1} [{rate.Lower * 100:0.#}, {rate.Upper * 100:0.#}]");

    private static string Score(Defenses.Metrics.EfficiencyScore? score) => score switch
    {
        null => "–",
        { Range: { } range } => $"{score.Value:0.##} [{range.Lower:0.##}, {range.Upper:0.##}]",
        _ => $"{score.Value:0.##} [any]",
    };

    private static string Left(TimeSpan left) => left.TotalSeconds < 90 ? $"{left.TotalSeconds:0} s left" : $"{left.TotalMinutes:0} min left";

    private Progress Progress() => console.Progress().AutoClear(false).HideCompleted(false).Columns(
        new SpinnerColumn(), new ProgressBarColumn(), new PercentageColumn(), new TaskDescriptionColumn { Alignment = Justify.Left });
}
