using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Models;

/// <summary>The queries that an attacker can make to a model: its bounds, its logits, and gradients of any loss of the logits.</summary>
/// <remarks>
/// A view decides what the attacker sees of a random model: one fresh random draw for each call (<see cref="Classifier"/>), the mean of many
/// draws (<see cref="Eot"/>), a fixed draw (<see cref="FixedDraw"/>), or no randomness (<see cref="WithoutRandomness"/>). Losses are
/// functions of the logits, (N, classes) → (N,), called once for each draw.
/// </remarks>
public abstract class ModelView
{
    /// <summary>The valid range of the input.</summary>
    public abstract Bounds Bounds { get; }

    /// <summary>The number of classes.</summary>
    /// <exception cref="InvalidOperationException">Nothing has passed through the model yet.</exception>
    public abstract long Classes { get; }

    /// <summary>The passes so far.</summary>
    public abstract Queries Queries { get; }

    /// <summary>Whether the view is random: the same query may give different results.</summary>
    public abstract bool IsRandom { get; }

    /// <summary>The most that the view answers with; by default gradients. A view without a gradient, or with a class only, says so.</summary>
    public virtual ModelAnswers Answers => ModelAnswers.Gradients;

    /// <summary>That the view has no gradient, and which attacks need none.</summary>
    internal virtual string WithoutGradient => NoGradientException.TextFor(this);

    /// <summary>Whether gradients, and the logits that come with them, have fewer digits than the logits of forward passes.</summary>
    internal virtual bool HasRoughGradients => false;

    /// <summary>The modules behind the view.</summary>
    protected internal abstract IReadOnlyList<nn.Module> Networks { get; }

    /// <summary>The networks whose convolution weights are put into channels-last strides while an attack or a judge uses the view.</summary>
    /// <param name="exact">Whether results are compared element by element, so that the order of sums must be the usual one.</param>
    protected internal virtual IReadOnlyList<nn.Module> ChannelsLastNetworks(bool exact) => [];

    /// <summary>Logits without a graph: (N, …) → (N, classes).</summary>
    public Tensor Logits(Tensor x) => ComputeLogits(Require.Batch(x, nameof(x)));

    /// <summary>The gradient of the summed loss with respect to x: (N, …) → (N, …). Weights get none.</summary>
    /// <remarks>Finite: an infinite element has the largest finite magnitude of its image and its own sign, a NaN is 0.</remarks>
    /// <param name="x">The batch.</param>
    /// <param name="loss">The loss of each example, from the logits: (N, classes) → (N,).</param>
    public Tensor Gradient(Tensor x, Func<Tensor, Tensor> loss)
    {
        using var scope = NewDisposeScope();
        return Differentiate(x, loss).Gradient.MoveToOuterDisposeScope();
    }

    /// <summary>The gradient as <see cref="Gradient"/>, with the loss and the logits of the same pass.</summary>
    public LossGradient Differentiate(Tensor x, Func<Tensor, Tensor> loss) =>
        ComputeGradient(Require.Batch(x, nameof(x)), Require.NotNull(loss, nameof(loss)));

    /// <summary>Gradients of all logits: (N, …) → (N, classes, …), with one forward pass.</summary>
    public Tensor Jacobian(Tensor x)
    {
        var (jacobian, logits) = ComputeJacobian(Require.Batch(x, nameof(x)));
        logits.Dispose();
        return jacobian;
    }

    /// <summary>The Jacobian with the logits of the same pass.</summary>
    public (Tensor Jacobian, Tensor Logits) JacobianAndLogits(Tensor x) => ComputeJacobian(Require.Batch(x, nameof(x)));

    /// <summary>The logits of several fresh draws, without a graph: (N, …) → (draws, N, classes).</summary>
    /// <param name="x">The batch.</param>
    /// <param name="draws">The number of draws, at least 1.</param>
    public Tensor Logits(Tensor x, int draws) => ComputeLogits(Require.Batch(x, nameof(x)), Require.AtLeast(draws, 1, nameof(draws)));

    /// <summary>Gradient, loss and log mean probabilities over several fresh draws: the gradient (N, …) is the mean over the draws.</summary>
    /// <param name="x">The batch.</param>
    /// <param name="loss">The loss of each example, from the logits: (N, classes) → (N,).</param>
    /// <param name="draws">The number of draws, at least 1.</param>
    public LossGradient Differentiate(Tensor x, Func<Tensor, Tensor> loss, int draws) =>
        ComputeGradient(Require.Batch(x, nameof(x)), Require.NotNull(loss, nameof(loss)), Require.AtLeast(draws, 1, nameof(draws)));

    /// <summary>Gradients (N, K, …) of chosen functions of the logits, with the logits (N, classes) of the same pass.</summary>
    /// <param name="x">The batch.</param>
    /// <param name="outputs">(N, classes) → (N, K).</param>
    public (Tensor Jacobian, Tensor Logits) JacobianAndLogits(Tensor x, Func<Tensor, Tensor> outputs) =>
        ComputeJacobian(Require.Batch(x, nameof(x)), Require.NotNull(outputs, nameof(outputs)));

    /// <summary>The logits of each of the models behind the view, without a graph: (N, …) → (members, N, classes).</summary>
    public Tensor MemberLogits(Tensor x) => ComputeMemberLogits(Require.Batch(x, nameof(x)));

    /// <summary>As <see cref="JacobianAndLogits(Tensor, Func{Tensor, Tensor})"/>, of one of the models behind the view.</summary>
    /// <param name="member">Its number in <see cref="MemberShares"/>.</param>
    /// <param name="x">The batch.</param>
    /// <param name="outputs">(N, classes) → (N, K).</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such member.</exception>
    public (Tensor Jacobian, Tensor Logits) MemberJacobian(int member, Tensor x, Func<Tensor, Tensor> outputs) => ComputeMemberJacobian(
        (int)Require.Within(member, 0, MemberShares.Count - 1, nameof(member)), Require.Batch(x, nameof(x)), Require.NotNull(outputs, nameof(outputs)));

    /// <summary>Logits without a graph.</summary>
    protected internal abstract Tensor ComputeLogits(Tensor x);

    /// <summary>Gradient, loss and logits of one gradient query.</summary>
    protected internal abstract LossGradient ComputeGradient(Tensor x, Func<Tensor, Tensor> loss);

    /// <summary>Jacobian (N, classes, …) and logits (N, classes) of one forward pass.</summary>
    protected internal abstract (Tensor Jacobian, Tensor Logits) ComputeJacobian(Tensor x);

    /// <summary>Gradients (N, K, …) of chosen functions of the logits, (N, classes) → (N, K), and the logits (N, classes) of the same pass.</summary>
    /// <remarks>Costs one backward pass for each of the K functions. By default the chain rule is applied to the whole
    /// Jacobian: exact, but not cheaper.</remarks>
    protected internal virtual (Tensor Jacobian, Tensor Logits) ComputeJacobian(Tensor x, Func<Tensor, Tensor> outputs)
    {
        using var scope = NewDisposeScope();
        var (jacobian, logits) = ComputeJacobian(x);
        return (Differentiation.Chain(jacobian, logits, outputs).MoveToOuterDisposeScope(), logits.MoveToOuterDisposeScope());
    }

    /// <summary>Reads the gradients (N, …) of chosen functions of the logits, one function after another, and returns the logits. By default all
    /// are computed first; where a view overrides this, memory does not grow with the number of functions.</summary>
    internal virtual Tensor EachGradient(Tensor x, Func<Tensor, Tensor> outputs, Action<int, Tensor> read) =>
        Differentiation.Read(ComputeJacobian(x, outputs), read);

    /// <summary>The probability with which each model behind the view answers, summing to 1; a single 1 (default) for one model.</summary>
    public virtual IReadOnlyList<double> MemberShares { get; } = [1.0];

    /// <summary>The logits of each member, (N, …) → (members, N, classes). By default the view itself is the only member.</summary>
    protected internal virtual Tensor ComputeMemberLogits(Tensor x)
    {
        using var scope = NewDisposeScope();
        return ComputeLogits(x).unsqueeze(0).MoveToOuterDisposeScope();
    }

    /// <summary>As <see cref="ComputeJacobian(Tensor, Func{Tensor, Tensor})"/>, of one member. By default the view itself is the only member.</summary>
    protected internal virtual (Tensor Jacobian, Tensor Logits) ComputeMemberJacobian(int member, Tensor x, Func<Tensor, Tensor> outputs) =>
        ComputeJacobian(x, outputs);

    /// <summary>The same view, which reports its passes to a run's tally.</summary>
    /// <remarks>A copy: two runs may use one view at once. Passes of a view from another assembly are counted by its <see cref="Queries"/>.</remarks>
    internal virtual ModelView Bind(QueryTally tally) => new TalliedView(this, tally);

    /// <summary>A view of this one. Detectors in front of the model stay in front of the view.</summary>
    internal virtual ModelView SeenThrough(Func<ModelView, ModelView> view) => view(this);

    /// <summary>The counters of the passes behind the view, each once; empty where only <see cref="Queries"/> counts them.</summary>
    internal virtual IReadOnlyList<PassCounter> Counters => [];

    /// <summary>The tallies to which the view reports its passes.</summary>
    internal virtual IReadOnlyList<QueryTally> Tallies => [];

    /// <summary>The logits of several fresh draws: (N, …) → (draws, N, classes).</summary>
    protected internal virtual Tensor ComputeLogits(Tensor x, int draws)
    {
        using var scope = NewDisposeScope();
        return stack(Enumerable.Range(0, draws).Select(_ => ComputeLogits(x)).ToArray()).MoveToOuterDisposeScope();
    }

    /// <summary>Gradient and loss averaged over several fresh draws, one query after another.</summary>
    protected internal virtual LossGradient ComputeGradient(Tensor x, Func<Tensor, Tensor> loss, int draws)
    {
        using var scope = NewDisposeScope();
        var total = ComputeGradient(x, loss);
        var answer = new MeanAnswer(total.Logits);
        for (var draw = 1; draw < draws; draw++)
        {
            using var next = ComputeGradient(x, loss);
            total.Gradient.add_(next.Gradient);
            total.Loss.add_(next.Loss);
            answer.Add(next.Logits);
        }
        return new LossGradient(total.Gradient.div_(draws), total.Loss.div_(draws), answer.Log()).MoveToOuterDisposeScope();
    }

    /// <summary>Prepares all networks for many passes until the result is disposed: lends each a random stream, and
    /// changes the layout of the weights.</summary>
    internal IDisposable LendStreams(ulong? seed, bool exact = false)
    {
        var streams = LendNumbers(seed);
        var layout = WeightLayout.ChannelsLast(ChannelsLastNetworks(exact));
        return new Undo(() => { layout.Dispose(); streams.Dispose(); });
    }

    /// <summary>Lends each network a random stream until the result is disposed.</summary>
    internal IDisposable LendNumbers(ulong? seed)
    {
        var lent = Networks.Select((network, index) => network.LendStreams(seed is { } s ? Seeds.Combine(s, index) : null)).ToArray();
        return new Undo(() => { foreach (var each in Enumerable.Reverse(lent)) each.Dispose(); });
    }

    /// <summary>Throws when a network is in training mode.</summary>
    internal void RequireEvaluation()
    {
        foreach (var network in Networks)
            if (network.modules().Prepend(network).FirstOrDefault(NetworkModes.IsInTraining) is { } module)
                throw new InvalidOperationException(
                    $"The network is in training mode (module '{NetworkModes.Name(module)}'). Call eval() before attacking or judging it: " +
                    "batch normalization and plain dropout must be off; stochastic defenses stay active in eval().");
    }
}
