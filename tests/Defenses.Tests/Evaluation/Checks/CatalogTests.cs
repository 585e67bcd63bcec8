using System.Reflection;
using Defenses.Evaluation.Checks;
using Defenses.Tests.Conventions;

namespace Defenses.Tests.Evaluation.Checks;

/// <summary>The named checks: static properties of the two kinds, their lists, and what reports note of them.</summary>
public sealed class CatalogTests
{
    [Fact]
    public void Each_named_check_is_in_the_list_once()
    {
        ModelCheck.All.Should().OnlyHaveUniqueItems().And.HaveCount(Named<ModelCheck>().Count()).And.Contain(Named<ModelCheck>());
        ReportCheck.All.Should().OnlyHaveUniqueItems().And.HaveCount(Named<ReportCheck>().Count()).And.Contain(Named<ReportCheck>());
    }

    [Fact]
    public void A_title_tells_the_checks_of_models_from_those_of_reports() =>
        ModelCheck.All.Concat<Check>(ReportCheck.All).Select(check => check.Title).Should().OnlyHaveUniqueItems();

    [Fact]
    public void Each_named_check_has_its_row_in_the_documentation()
    {
        var page = Repository.Read("docs/evaluation.md");
        var rows = Properties<ModelCheck>().Concat(Properties<ReportCheck>()).Select(property => $"\n| `{property.DeclaringType!.Name}.{property.Name}` | ");
        rows.Where(row => !page.Contains(row)).Should().BeEmpty();
    }

    // A folder of work is refused when they change, and reports of earlier versions have them.
    [Fact]
    public void The_names_that_reports_note_stay() => ModelCheck.All.Select(check => check.Name).Should().Equal(
        "FaultyActivationCheck", "LogitsCheck", "HiddenRandomnessCheck", "RecognitionCheck", "LayerRunsCheck", "SwitchedOffCheck", "ZeroGradientsCheck",
        "GradientNoiseCheck", "NoiseAttackCheck", "MoreStepsCheck", "MoreRestartsCheck", "MoreDrawsCheck", "SquareAttackCheck", "TransferCheck",
        "UnlimitedBudgetCheck", "FixedDrawCheck", "BinarisationCheck", "BrokenCertificatesCheck");

    [Fact]
    public void The_cheap_ones_come_first_and_the_gates_before_all() =>
        ModelCheck.All.Select(check => (check.IsCheap ? 0 : 2) + (check.IsGate ? 0 : 1)).Should().BeInAscendingOrder();

    private static IEnumerable<T> Named<T>() => Properties<T>().Select(property => (T)property.GetValue(null)!);

    private static IEnumerable<PropertyInfo> Properties<T>() =>
        typeof(T).GetProperties(BindingFlags.Static | BindingFlags.Public).Where(property => property.PropertyType == typeof(T));
}
