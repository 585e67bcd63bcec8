using static TorchSharp.torch;

namespace TorchSharp.Modules;

// What an optimizer remembers about one parameter.
public abstract class OptimizerState
{
    protected Parameter _parameter;

    protected OptimizerState(Parameter parameter) => _parameter = parameter;

    public abstract void Initialize(OptimizerOptions options);
    public abstract void SaveStateDict(BinaryWriter writer);
    public abstract void LoadStateDict(BinaryReader reader);
    public abstract void LoadStateDict(OptimizerState source);
    public virtual bool ApproximatelyEquals(OptimizerState other) => false;

    public virtual void to(Device device)
    {
    }

    private protected Tensor Zeros() => Op.Call("zeros_like", _parameter).DetachFromDisposeScope();

    private protected static void Replace(ref Tensor? mine, Tensor? other)
    {
        mine?.Dispose();
        mine = other is null ? null : Op.Call("clone", other).DetachFromDisposeScope();
    }

    private protected static void Move(ref Tensor? mine, Device device)
    {
        if (mine is null || (mine.device_type == device.type && mine.device_index == device.index)) return;
        var moved = mine.to(device).DetachFromDisposeScope();
        mine.Dispose();
        mine = moved;
    }

    private protected static bool Close(Tensor? one, Tensor? other) =>
        one is null || other is null ? one is null && other is null : one.allclose(other);

    protected static void SaveConditionalStateTensor(BinaryWriter writer, Tensor? tensor)
    {
        writer.Write(tensor is not null);
        tensor?.Save(writer);
    }

    protected static void LoadConditionalStateTensor(BinaryReader reader, ref Tensor? result, Device device)
    {
        result?.Dispose();
        result = reader.ReadBoolean() ? TensorExtensionMethods.Load(reader).DetachFromDisposeScope() : null;
        Move(ref result, device);
    }
}
