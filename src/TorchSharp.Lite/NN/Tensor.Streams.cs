namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        // What tells one tensor from another when weights are listed; 0 once disposed.
        internal nint handle => IsInvalid ? 0 : Handle;

        public void WriteBytesToStream(Stream stream, int bufferSize = 1024)
        {
            using var untracked = no_grad();
            using var here = Op.Call("to.device", this, CPU, dtype);
            using var plain = Op.Call("contiguous", here);
            stream.Write(plain.bytes);
        }

        public void ReadBytesFromStream(Stream stream, int bufferSize = 1024)
        {
            using var untracked = no_grad();
            using var read = Op.Call("empty_like", this, Arg.None, Arg.None, CPU, Arg.None, 0);
            stream.ReadExactly(read.bytes);
            copy_(read);
        }
    }
}
