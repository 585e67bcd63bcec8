using System.Globalization;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>Shape, dtype and device; of a tensor without dimensions its value too.</summary>
        public override string ToString() => IsInvalid ? "(invalid)" : this.metastr();

        public Tensor T => Op.Call("numpy_T", this);

        public Tensor mT => Op.Call("mT", this);

        public IList<Tensor> nonzero_as_list() => Op.CallList("nonzero_numpy", this);
    }
}

public static partial class TensorExtensionMethods
{
    public static string metastr(this torch.Tensor tensor)
    {
        var text = $"[{string.Join("x", tensor.shape)}], type = {tensor.dtype}, device = {tensor.device}";
        return tensor.dim() > 0 || tensor.is_meta ? text : string.Create(CultureInfo.InvariantCulture, $"{text}, value = {tensor.ToDouble()}");
    }
}
