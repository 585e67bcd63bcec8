using Defenses.Evaluation;
using Defenses.Evaluation.Checks;
using Defenses.Evaluation.Reporting;
using Defenses.Tests.Contracts;
using Defenses.Tests.Evaluation.Reporting;

namespace Defenses.Tests.Evaluation.Checks;

public sealed class UnboundedScoreCheckTests : ReportCheckContract
{
    protected override ReportCheck Subject => new UnboundedScoreCheck();

    protected override EvaluationReport Broken => SampleReport.Make(100, 10, 8);
}
