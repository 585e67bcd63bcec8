using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using static TorchSharp.torch;

namespace Defenses.Papers;

/// <summary>Pieces of work that are done once: each result is kept at once, and read back when the run goes on after a stop.</summary>
public sealed class ProtocolSteps
{
    private readonly string _name;
    private readonly StepStore _store;

    /// <param name="name">What the steps belong to, for the user.</param>
    /// <param name="seed">What everything random follows from.</param>
    /// <param name="work">The folder for finished work.</param>
    /// <param name="display">Says things to the user meanwhile.</param>
    /// <param name="cancellation">Stops before a step begins.</param>
    public ProtocolSteps(string name, ulong seed, string work, IRunDisplay display, CancellationToken cancellation)
    {
        (_name, Seed, Display, Cancellation) = (name, seed, display, cancellation);
        _store = new StepStore(Path.Combine(work, "steps"));
    }

    /// <summary>What everything random follows from.</summary>
    public ulong Seed { get; }

    /// <summary>Says things to the user meanwhile.</summary>
    public IRunDisplay Display { get; }

    /// <summary>Hand it to whatever takes long.</summary>
    public CancellationToken Cancellation { get; }

    /// <summary>A seed of its own for everything that has a name.</summary>
    public ulong SeedOf(string what) => BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"{Seed} {what}")));

    /// <summary>A piece of work that is done once: its result is kept at once, and read back when the run goes on after a stop.</summary>
    /// <param name="name">Unique in the protocol; change it when what the step does changes.</param>
    /// <param name="work">Gives the result, which must come back from JSON: a record of plain values, no tensors.</param>
    public T Do<T>(string name, Func<T> work)
    {
        Cancellation.ThrowIfCancellationRequested();
        if (!_store.Has<T>(name)) Display.Say($"{_name}: {name}");
        return _store.Do(name, work);
    }

    /// <summary>Work on many images, so many at a time, each block a step of its own: memory does not grow with the images, and a stop costs one
    /// block.</summary>
    /// <param name="name">Unique in the protocol.</param>
    /// <param name="images">How many there are.</param>
    /// <param name="size">How many a block has at most.</param>
    /// <param name="work">Gives a block's result from what its name (and what it seeds) ends with, empty for an only block, its first image and how
    /// many it has.</param>
    public IReadOnlyList<T> Blocks<T>(string name, int images, int size, Func<string, int, int, T> work)
    {
        var starts = Enumerable.Range(0, (images + size - 1) / size).Select(block => block * size).ToArray();
        return [.. starts.Select(start =>
        {
            var part = starts.Length > 1 ? $", part {start / size + 1}" : "";
            return Do(name + part, () => work(part, start, Math.Min(size, images - start)));
        })];
    }

    /// <summary>When, where and how long all steps took.</summary>
    public ProtocolTiming Timing() => new(DateTimeOffset.UtcNow, _store.Seconds.Values.Sum(),
        $"{TextFormat.Counted(Environment.ProcessorCount, "processor", "processors")}, "
            + $"{TextFormat.Counted(get_num_threads(), "torch thread", "torch threads")}, {RuntimeInformation.OSDescription}, "
            + $"{RuntimeInformation.FrameworkDescription}", _store.Seconds);
}
