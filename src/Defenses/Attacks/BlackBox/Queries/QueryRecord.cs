using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>What the queries of a run found: for each example its smaller and smaller adversarial examples.</summary>
/// <param name="original">The images that sizes are measured from, (N, …). Not owned.</param>
/// <param name="goal">The goal of each image.</param>
/// <param name="norm">The norm of the sizes.</param>
/// <param name="isRandom">Whether the model is random: then only decisions over several draws count.</param>
internal sealed class QueryRecord(Tensor original, Goal goal, Norm norm, bool isRandom)
{
    private readonly List<QueryStep>[] _steps = [.. Enumerable.Range(0, (int)original.shape[0]).Select(_ => new List<QueryStep>())];
    private QueryTally? _tally;

    /// <summary>The improvements of each example.</summary>
    internal IReadOnlyList<IReadOnlyList<QueryStep>> Steps => _steps;

    /// <summary>The queries of each example.</summary>
    internal IReadOnlyList<long> Spent => [.. _tally!.PerExample().Select(queries => queries.Forward)];

    /// <summary>The record's count of passes in the run of a ledger; null for runs within that run, whose passes count there.</summary>
    internal QueryTally? Begin(QueryLedger ledger) => _tally is null ? _tally = ledger.Count() : null;

    /// <summary>Makes a query and records what it finds.</summary>
    /// <typeparam name="T">The answer.</typeparam>
    /// <param name="x">The images, (M, …).</param>
    /// <param name="query">The query.</param>
    /// <param name="logits">The logits of an answer, (draws, M, classes); null for an answer that proves nothing.</param>
    internal T Query<T>(Tensor x, Func<T> query, Func<T, Tensor?> logits)
    {
        if (_tally is not { } tally) return query();
        var before = tally.PerExample();
        var answer = query();
        var after = tally.PerExample();
        if (!tally.IsExact)
            throw new InvalidOperationException(
                "The attack queried some of its examples without stating which, so their queries cannot be counted. " +
                "Query a part of the examples within an ActiveBatch or AttackRun.Only.");
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        if (logits(answer) is { } given && (!isRandom || given.shape[0] > 1)) Read(x.detach(), given.detach(), before, after, tally.Ledger.Present);
        return answer;
    }

    // Row r belongs to the example present[r mod n]; several copies of the batch are queried one after another.
    private void Read(Tensor x, Tensor logits, IReadOnlyList<Queries> before, IReadOnlyList<Queries> after, int[] present)
    {
        var copies = (int)(x.shape[0] / present.Length);
        long[] examples = [.. Enumerable.Range(0, copies).SelectMany(_ => present).Select(example => (long)example)];
        var rows = tensor(examples, device: x.device);
        var all = goal.Select(rows);
        var shares = Enumerable.Range(0, (int)logits.shape[0]).Select(draw => all.IsMet(logits.select(0, draw)).to_type(ScalarType.Float64));
        var hits = (stack(shares.ToArray()).mean([0]) > 0.5).nonzero().squeeze(1);
        if (hits.shape[0] == 0) return;
        var sizes = norm.Size(x.index_select(0, hits) - original.index_select(0, rows.index_select(0, hits)));
        var numbers = hits.cpu().data<long>().ToArray();
        var values = sizes.to_type(ScalarType.Float64).cpu().data<double>().ToArray();
        for (var hit = 0; hit < numbers.Length; hit++)
        {
            var example = (int)examples[numbers[hit]];
            var (spent, each) = (before[example].Forward, (after[example].Forward - before[example].Forward) / copies);
            Add(_steps[example], new QueryStep(spent + each * (numbers[hit] / present.Length + 1), values[hit]));
        }
    }

    private static void Add(List<QueryStep> steps, QueryStep step)
    {
        if (steps.Count == 0 || step.Size < steps[^1].Size) steps.Add(step);
    }
}

/// <summary>A view that records what its queries find. Changes nothing.</summary>
/// <remarks>It records logits; queries of single members of an ensemble and Jacobians of chosen outputs only count.</remarks>
internal sealed class RecordedView(ModelView model, QueryRecord record) : DelegatingModelView(model)
{
    public override IReadOnlyList<double> MemberShares => Inner.MemberShares;

    internal override ModelView SeenThrough(Func<ModelView, ModelView> view) => new RecordedView(Inner.SeenThrough(view), record);

    internal override ModelView Bind(QueryTally tally) =>
        record.Begin(tally.Ledger) is { } own ? new RecordedView(Inner.Bind(tally).Bind(own), record) : base.Bind(tally);

    protected internal override DelegatingModelView Over(ModelView inner) => new RecordedView(inner, record);

    protected internal override Tensor ComputeLogits(Tensor x) => record.Query(x, () => Inner.ComputeLogits(x), logits => logits.unsqueeze(0));

    protected internal override Tensor ComputeLogits(Tensor x, int draws) => record.Query(x, () => Inner.ComputeLogits(x, draws), logits => logits);

    protected internal override Tensor ComputeMemberLogits(Tensor x) => record.Query(x, () => Inner.ComputeMemberLogits(x), _ => null);

    protected internal override LossGradient ComputeGradient(Tensor x, Func<Tensor, Tensor> loss) =>
        record.Query(x, () => Inner.ComputeGradient(x, loss), pass => pass.Logits.unsqueeze(0));

    protected internal override LossGradient ComputeGradient(Tensor x, Func<Tensor, Tensor> loss, int draws) =>
        record.Query(x, () => Inner.ComputeGradient(x, loss, draws), _ => null);

    protected internal override (Tensor Jacobian, Tensor Logits) ComputeJacobian(Tensor x) =>
        record.Query(x, () => Inner.ComputeJacobian(x), pass => pass.Logits.unsqueeze(0));

    protected internal override (Tensor Jacobian, Tensor Logits) ComputeJacobian(Tensor x, Func<Tensor, Tensor> outputs) =>
        record.Query(x, () => Inner.ComputeJacobian(x, outputs), pass => pass.Logits.unsqueeze(0));

    internal override Tensor EachGradient(Tensor x, Func<Tensor, Tensor> outputs, Action<int, Tensor> read) =>
        record.Query(x, () => Inner.EachGradient(x, outputs, read), logits => logits.unsqueeze(0));

    protected internal override (Tensor Jacobian, Tensor Logits) ComputeMemberJacobian(int member, Tensor x, Func<Tensor, Tensor> outputs) =>
        record.Query(x, () => Inner.ComputeMemberJacobian(member, x, outputs), _ => null);
}
