using System.Diagnostics;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Training;

/// <summary>One training, from its start or its checkpoint to its end.</summary>
internal sealed class TrainingRun : IDisposable
{
    private readonly TrainingOptions _options;
    private readonly TrainingTask _task;
    private readonly string _settings;
    private readonly ShuffledData _data;
    private readonly ParameterUpdates _updates;
    private readonly ReplayableStreams _streams;
    private readonly EpochTally _tally;
    private readonly WeightSnapshot? _best;
    private readonly IReadOnlyList<(string Name, Tensor Value)> _tensors;
    private readonly TrainingPosition _position = new();
    private readonly Stopwatch _clock = new(), _sinceSaved = Stopwatch.StartNew();
    private long _stepsBefore, _examplesHere;

    internal TrainingRun(TrainingOptions options, TrainingTask task)
    {
        (_options, _task) = (options, task);
        var state = task.Network.state_dict().Select(entry => (entry.Key, entry.Value)).ToArray();
        _settings = TrainingSettings.Describe(options, task.Objective, task.Data, state, task.Validation is { } found ? (found, task.Score) : null);
        var device = task.Network.parameters().First().device;
        _data = new ShuffledData(task.Data, options.BatchSize, device);
        _updates = new ParameterUpdates(task.Network, options.Update);
        _streams = new ReplayableStreams(task.Network);
        _tally = new EpochTally(device);
        _best = options.EarlyStopping is null ? null : new WeightSnapshot(state);
        _tensors = [.. state, .. _updates.State, .. _tally.State, .. _best?.State ?? []];
    }

    private bool IsOver => _position.Epoch >= _options.Epochs || _options.EarlyStopping?.IsDue(_position.History) == true;

    // Of all epochs, also of those that early stopping leaves out.
    private long Steps => _data.StepsPerEpoch * _options.Epochs;

    internal IReadOnlyList<EpochResult> RunToEnd(CancellationToken cancellation)
    {
        if (_task.Checkpoint is { } path && File.Exists(path)) TrainingCheckpoint.Load(path, _settings, _position, _tensors);
        else Save();   // stores the initial weights, and fails now if the folder cannot be written
        _stepsBefore = _position.Step;
        _clock.Restart();
        _task.Network.zero_grad();
        _task.Network.train();
        while (!IsOver) RunEpoch(cancellation);
        _best?.Restore();
        return [.. _position.History];
    }

    /// <summary>Frees the state of the run, and sets the network to evaluation mode.</summary>
    public void Dispose()
    {
        _task.Network.zero_grad();
        _task.Network.eval();
        _streams.Dispose();
        _updates.Dispose();
        _tally.Dispose();
        _best?.Dispose();
    }

    private void RunEpoch(CancellationToken cancellation)
    {
        var seed = Seeds.Combine(Seeds.Combine(_options.Seed, "epoch"), _position.Epoch);
        _data.Begin(seed);
        while (_position.StepInEpoch < _data.StepsPerEpoch)
        {
            if (cancellation.IsCancellationRequested) Save();
            cancellation.ThrowIfCancellationRequested();
            Step(Seeds.Combine(seed, _position.StepInEpoch));
            if (_position.Step % _options.ReportEvery == 0) Report();
            if (_sinceSaved.Elapsed >= _options.CheckpointInterval) Save();
        }
        FinishEpoch(seed, cancellation);
    }

    private void Step(ulong seed)
    {
        using var scope = NewDisposeScope();
        using var withGrad = enable_grad();
        var (images, labels) = _data.Batch(_position.StepInEpoch);
        _streams.Restart(seed);
        using var random = new RandomSource(Seeds.Combine(seed, "objective"));
        var progress = (_position.Step + 1) / (double)Steps;
        var (loss, logits) = _task.Objective.At(progress).Compute(_task.Network, images, labels, random);
        KeptTensors.Keep(_task.Network, scope);   // for objectives that run the network directly
        loss.backward();
        _updates.Apply(_options.Update.Rate.At(_position.Step, _position.Epoch));
        _tally.Add(loss.detach(), logits.detach(), labels);
        _position.StepInEpoch++;
        _position.Step++;
        _examplesHere += images.shape[0];
    }

    private void FinishEpoch(ulong seed, CancellationToken cancellation)
    {
        Report();
        var validated = Validate(Seeds.Combine(seed, "validation"), cancellation);
        var (loss, accuracy) = Means();
        _position.History.Add(new EpochResult(_position.Epoch + 1, loss, accuracy, validated));
        if (_options.EarlyStopping?.Best(_position.History) == _position.Epoch) _best!.Keep();
        _position.Epoch++;
        _position.StepInEpoch = 0;
        _tally.Clear();
        Save();
    }

    private double? Validate(ulong seed, CancellationToken cancellation)
    {
        if (_task.Validation is not { } validation) return null;
        try
        {
            return _task.Score.Measure(_task.Network, validation, seed, cancellation);
        }
        catch (OperationCanceledException)
        {
            Save();   // the resumed run starts with this measurement
            throw;
        }
    }

    private void Report()
    {
        var (loss, accuracy) = Means();
        if (_task.Progress is null || _examplesHere == 0) return;   // the speed is not known yet
        var left = _clock.Elapsed * ((Steps - _position.Step) / (double)(_position.Step - _stepsBefore));
        _task.Progress.Report(new TrainingProgress(
            _position.Epoch + 1, _options.Epochs, _position.Step, Steps, loss, accuracy, _examplesHere / _clock.Elapsed.TotalSeconds, left));
    }

    private void Save()
    {
        if (_task.Checkpoint is not { } path) return;
        Means();   // throws instead of saving a broken state
        TrainingCheckpoint.Save(path, _settings, _position, _tensors);
        _sinceSaved.Restart();
    }

    private (double Loss, double Accuracy) Means()
    {
        var means = _tally.Means();
        if (double.IsFinite(means.Loss)) return means;
        throw new InvalidOperationException(
            $"The loss is no longer a finite number, in or before step {_position.Step} (epoch {_position.Epoch + 1}). " +
            "Look for NaN in the images, and check that " +
            $"they lie in the range that the network expects; otherwise lower the learning rate ({_options.Update.Rate})." +
            (_task.Checkpoint is { } path ? $" '{path}' holds an earlier state." : ""));
    }
}
