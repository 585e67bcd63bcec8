using Defenses.Attacks;
using Defenses.Models;
using Defenses.Statistics;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Metrics;

/// <summary>The deviation of input gradients between draws of a random model: the uncertainty of an attacker about the ascent direction.</summary>
/// <remarks>
/// G gradients are drawn for each example. Their standard deviation (÷ G) in each input dimension is averaged over dimensions, then over
/// examples. Source: Wang et al. 2019 (IJCAI), Table 1 and figure 1; the paper does not state how the gradients were scaled; its largest
/// values, near 1, fit signs of gradients. So raw gradients, normalized gradients and signs are all measured. Intervals are Student's, over examples.
/// Correlate the deviation with the defense rate by <see cref="Correlation"/>.
/// </remarks>
public static class GradientDeviation
{
    /// <summary>The deviation at given points.</summary>
    /// <param name="model">The attacker's view, in evaluation mode: a plain random model, or an average over draws.</param>
    /// <param name="x">The points of the gradients, (N, …), within the bounds.</param>
    /// <param name="goal">The attacker's goal for each example.</param>
    /// <param name="draws">G, at least 2; by default 200.</param>
    /// <param name="loss">The loss to differentiate; by default the margin of the logits (CW-PGD's).</param>
    /// <param name="seed">The seed of the draws; by default (null) unpredictable.</param>
    /// <param name="confidence">Between 0 and 1; by default 0.95.</param>
    /// <exception cref="ArgumentException">An argument has a wrong shape, dtype or value.</exception>
    /// <exception cref="InvalidOperationException">The network is in training mode.</exception>
    public static GradientDeviationResult Measure(
        ModelView model, Tensor x, Goal goal, int draws = 200, Loss? loss = null, ulong? seed = null, double confidence = 0.95)
    {
        Require.NotNull(model, nameof(model)).RequireEvaluation();
        Require.Images(x, model.Bounds.Lower, model.Bounds.Upper, nameof(x));
        Require.NotNull(goal, nameof(goal));
        Require.AtLeast(draws, 2, nameof(draws));
        Confidence.Check(confidence, nameof(confidence));
        using var scope = NewDisposeScope();
        using var streams = model.LendStreams(seed);
        x = model.Bounds.Clip(x);
        using (model.ComputeLogits(x.narrow(0, 0, 1))) Require.Labels(goal.Classes, x.shape[0], model.Classes, nameof(goal));
        var ascended = loss ?? Loss.Margin;
        return Measure(model, x, logits => ascended.Value(logits, goal), draws, confidence);
    }

    /// <summary>The deviation at the first step of an attack: at its starting point, with the loss that it ascends.</summary>
    /// <param name="attack">An attack by gradients. It is stopped at its first gradient query; its seed is also that of the draws.</param>
    /// <param name="model">The attacker's view, in evaluation mode.</param>
    /// <param name="x">The images to attack, (N, …), within the bounds.</param>
    /// <param name="goal">The goal of the attack for each image.</param>
    /// <param name="draws">G, at least 2; by default 200.</param>
    /// <param name="confidence">Between 0 and 1; by default 0.95.</param>
    /// <exception cref="ArgumentException">An argument has a wrong shape, dtype or value.</exception>
    /// <exception cref="InvalidOperationException">The network is in training mode, or the attack makes no gradient query for a loss.</exception>
    public static GradientDeviationResult AtFirstStep(Attack attack, ModelView model, Tensor x, Goal goal, int draws = 200, double confidence = 0.95)
    {
        Require.NotNull(attack, nameof(attack));
        Require.NotNull(model, nameof(model));
        Require.AtLeast(draws, 2, nameof(draws));
        Confidence.Check(confidence, nameof(confidence));
        var view = new FirstGradientProbe(model, (points, loss) => Measure(model, points, loss, draws, confidence));
        try
        {
            attack.Run(view, x, goal).Dispose();
        }
        catch (FirstGradientProbe.Answered answered)
        {
            return answered.Answer;
        }
        throw new InvalidOperationException(
            $"The attack made no gradient query for a loss, so the deviation cannot be measured. Give an attack by gradients, such as " +
            $"CwPgd; this one is {attack}.");
    }

    private static GradientDeviationResult Measure(ModelView model, Tensor x, Func<Tensor, Tensor> loss, int draws, double confidence)
    {
        using var spread = new RunningSpread();
        for (var draw = 0; draw < draws; draw++)
        {
            using var sample = model.ComputeGradient(x, loss);
            spread.Add(sample.Gradient);
        }
        var (raw, normalised, sign) = spread.Results();
        return new GradientDeviationResult(
            SampleMean.StudentT(raw, confidence), SampleMean.StudentT(normalised, confidence), SampleMean.StudentT(sign, confidence), draws, sign);
    }
}

/// <summary>
/// The deviation of input gradients between draws: the standard deviation over draws in each input dimension, averaged over dimensions, then examples.
/// </summary>
/// <param name="Raw">Of the gradients as they are, in the loss per unit of input.</param>
/// <param name="Normalized">Of each gradient divided by its root mean square over the dimensions; 0 to 1.</param>
/// <param name="Sign">Of the gradients' signs; 0 to 1, where 1 is as often up as down in every dimension.</param>
/// <param name="Draws">Gradients drawn for each example.</param>
/// <param name="ByExample">The deviation of the signs of each example, (N,).</param>
public sealed record GradientDeviationResult(Estimate Raw, Estimate Normalized, Estimate Sign, int Draws, IReadOnlyList<double> ByExample);

/// <summary>Standard deviations of a stream of batches, element by element, by Welford's recurrence: equal batches give exactly 0.</summary>
internal sealed class RunningSpread : IDisposable
{
    private readonly Tensor[] _means = new Tensor[3], _squares = new Tensor[3];
    private int _count;

    /// <summary>Adds a batch of gradients, (N, …).</summary>
    internal void Add(Tensor gradient)
    {
        using var scope = NewDisposeScope();
        _count++;
        Update(0, gradient);
        Update(1, Norm.L2.SteepestDirection(gradient) * Math.Sqrt((double)gradient.numel() / gradient.shape[0]));
        Update(2, gradient.sign());
    }

    /// <summary>The deviations of each example: raw, normalized, sign; each (N,).</summary>
    internal (double[] Raw, double[] Normalised, double[] Sign) Results() => (Result(0), Result(1), Result(2));

    public void Dispose()
    {
        foreach (var held in _means.Concat(_squares)) held?.Dispose();
    }

    private void Update(int kind, Tensor value)
    {
        if (_count == 1)
        {
            _means[kind] = value.clone().DetachFromDisposeScope();
            _squares[kind] = zeros_like(value).DetachFromDisposeScope();
            return;
        }
        var before = value - _means[kind];
        _means[kind].add_(before / _count);
        _squares[kind].add_(before * (value - _means[kind]));
    }

    private double[] Result(int kind)
    {
        using var scope = NewDisposeScope();
        return (_squares[kind] / _count).clamp_min(0).sqrt().flatten(1).mean([1]).to_type(ScalarType.Float64).cpu().data<double>().ToArray();
    }
}

/// <summary>Runs an attack up to its first gradient query, measures there, and stops the attack.</summary>
internal sealed class FirstGradientProbe(ModelView model, Func<Tensor, Func<Tensor, Tensor>, GradientDeviationResult> measure) : DelegatingModelView(model)
{
    protected internal override Tensor ComputeLogits(Tensor x) => Inner.ComputeLogits(x);

    /// <remarks>The draws of the model: only the gradient of a loss is measured.</remarks>
    protected internal override Tensor ComputeLogits(Tensor x, int draws) => Inner.ComputeLogits(x, draws);

    protected internal override (Tensor Jacobian, Tensor Logits) ComputeJacobian(Tensor x) => Inner.ComputeJacobian(x);

    protected internal override LossGradient ComputeGradient(Tensor x, Func<Tensor, Tensor> loss) => throw new Answered(measure(x, loss));

    protected internal override DelegatingModelView Over(ModelView inner) => new FirstGradientProbe(inner, measure);

    /// <summary>Stops the attack after the measurement.</summary>
    internal sealed class Answered(GradientDeviationResult answer) : Exception
    {
        /// <summary>The measurement.</summary>
        internal GradientDeviationResult Answer { get; } = answer;
    }
}
