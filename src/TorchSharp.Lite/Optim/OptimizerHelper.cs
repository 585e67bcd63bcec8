using TorchSharp.Utils;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

public abstract class OptimizerHelper : optim.Optimizer
{
    protected OptimizerOptions _defaults = null!;
    protected OrderedDict<IntPtr, OptimizerState> _state = new();

    public OptimizerHelper() : base(IntPtr.Zero)
    {
    }

    // The update runs outside the graph and in a scope of its own; the closure, if any, with gradients.
    protected Tensor? _step<T>(Action<T> body, Func<Tensor>? loss_closure = null) where T : ParamGroup
    {
        Tensor? loss = null;
        if (loss_closure is not null)
            using (enable_grad()) loss = loss_closure();
        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        foreach (var group in _parameter_groups) body((T)group);
        return loss;
    }

    // Fills what the group leaves open from the defaults, and starts the state of each parameter.
    private protected void Add<TOptions>(ParamGroup group, Action<TOptions, TOptions> complete, Func<Parameter, OptimizerState> start)
        where TOptions : OptimizerOptions, new()
    {
        group.Options ??= new TOptions();
        var (options, defaults) = ((TOptions)group.Options, (TOptions)_defaults);
        options.LearningRate ??= defaults.LearningRate;
        complete(options, defaults);
        options.InitialLearningRate = options.LearningRate!.Value;
        _parameter_groups.Add(group);
        foreach (var parameter in group.Parameters)
        {
            var state = start(parameter);
            _state[parameter.Handle] = state;
            state.Initialize(options);
        }
    }

    private protected static void Require(bool holds, string name, double value)
    {
        if (!holds) throw new ArgumentException($"Invalid {name}: {value}");
    }

    protected override void Dispose(bool disposing)
    {
        if (!disposing) return;
        foreach (var (_, state) in _state) ((IDisposable)state).Dispose();
        _state.Clear();
    }

    public void to(Device device)
    {
        foreach (var (_, state) in _state) state.to(device);
    }

    public virtual StateDictionary state_dict()
    {
        var dict = new StateDictionary();
        foreach (var group in _parameter_groups)
        {
            dict.Options.Add(group.Options);
            var indices = new List<int>();
            foreach (var parameter in group.Parameters)
            {
                indices.Add(dict.State.Count);
                dict.State.Add(_state[parameter.Handle]);
            }
            dict.StateIndexRef.Add(indices);
        }
        return dict;
    }

    public virtual void load_state_dict(StateDictionary state_dict)
    {
        var mine = this.state_dict();
        CheckCounts(mine, state_dict.Options.Count, state_dict.State.Count);
        foreach (var (options, source) in mine.Options.Zip(state_dict.Options))
            if (!ReferenceEquals(options, source)) options.LoadStateDict(source);
        foreach (var (state, source) in mine.State.Zip(state_dict.State))
            if (!ReferenceEquals(state, source)) state.LoadStateDict(source);
    }

    private static void CheckCounts(StateDictionary mine, long options, long states)
    {
        if (options != mine.Options.Count) throw new ArgumentException("Invalid optimizer state -- different number of parameter groups.");
        if (states != mine.State.Count) throw new ArgumentException("Invalid optimizer state -- different number of states.");
    }

    public void save_state_dict(string location)
    {
        using var stream = File.Create(location);
        using var writer = new BinaryWriter(stream);
        save_state_dict(writer);
    }

    public void save_state_dict(BinaryWriter writer)
    {
        var dict = state_dict();
        writer.Write(GetType().Name);
        writer.Encode(dict.Options.Count);
        writer.Encode(dict.State.Count);
        foreach (var options in dict.Options) options.SaveStateDict(writer);
        foreach (var state in dict.State) state.SaveStateDict(writer);
    }

    public void load_state_dict(string location)
    {
        using var stream = File.OpenRead(location);
        using var reader = new BinaryReader(stream);
        load_state_dict(reader);
    }

    public void load_state_dict(BinaryReader reader)
    {
        var name = reader.ReadString();
        if (name != GetType().Name)
            throw new InvalidDataException(
                $"Mismatched optimizer type: expected '{GetType().Name}', but found '{name}' in the loaded stream.");
        var mine = state_dict();
        var (options, states) = (reader.Decode(), reader.Decode());
        CheckCounts(mine, options, states);
        foreach (var option in mine.Options) option.LoadStateDict(reader);
        foreach (var state in mine.State) state.LoadStateDict(reader);
    }
}
