using System.Globalization;
using Defenses.Evaluation;

namespace Defenses.Tests.Evaluation.Reporting;

public sealed class EvaluationCsvTests
{
    private static readonly EvaluationReport s_report = GoldenReport.Make();
    private static readonly string[][] s_rows = [.. s_report.ToCsv().TrimEnd('\n').Split('\n').Select(line => line.Split(','))];

    [Fact]
    public void Each_rate_of_the_report_is_a_row_with_its_interval()
    {
        s_rows[0].Should().Equal("defense", "epsilon", "attack", "view", "measure", "rate", "lower", "upper", "images");
        s_rows.Should().OnlyContain(row => row.Length == 9);
        s_rows.Skip(1).Select(row => string.Join(',', row.Take(5))).Should().OnlyHaveUniqueItems();
        var (defense, strength) = (s_report.Defenses[2], s_report.Defenses[2].Strengths[1]);
        Same(Row(defense.Name, 0, "none", "", "accuracy by majority"), defense.Accuracy.Majority);
        Same(Row(defense.Name, 0, "none", "", "errors within 2 tries"), defense.Tries!.At(2)!.Success!);
        Same(Row(defense.Name, strength.Epsilon, "worst", "", "success in one answer"), strength.Worst.Success!.MeanDraw);
        Same(Row(defense.Name, strength.Epsilon, "worst", "", "accuracy in all of 5 tries"), strength.Tries!.At(5)!.Accuracy);
        Same(Row(defense.Name, strength.Epsilon, "PGD", "EOT 10", "success on all images in at least one of 5 answers"),
            strength.Cells[2].Outcome.AllImages.WorstOfK);
        s_rows.Should().NotContain(row => row[0] == s_report.Defenses[3].Name && row[4] == "success in one answer", "it recognises nothing");
    }

    [Fact]
    public void Names_with_commas_and_quotes_are_quoted()
    {
        var report = s_report with { Defenses = [s_report.Defenses[0] with { Name = "a, \"b\"" }] };
        report.ToCsv().Split('\n')[1].Should().StartWith("\"a, \"\"b\"\"\",0,none,,accuracy in one answer,0.975,");
    }

    private static string[] Row(string defense, double epsilon, string attack, string view, string measure) => s_rows.Skip(1).Single(row =>
        row[0] == defense && double.Parse(row[1], CultureInfo.InvariantCulture) == epsilon && row[2] == attack && row[3] == view && row[4] == measure);

    private static void Same(string[] row, Defenses.Statistics.Proportion rate) => row.Skip(5).Select(cell => double.Parse(cell, CultureInfo.InvariantCulture))
        .Should().Equal(rate.Rate, rate.Lower, rate.Upper, rate.Trials);
}
