using static TorchSharp.torch;

namespace TorchSharp.Modules;

public sealed class ELU : ParameterLessModule<Tensor, Tensor>
{
    internal ELU(double alpha, bool inplace) : base(nameof(ELU)) =>
        (this.alpha, this.inplace) = (alpha, inplace);

    public double alpha { get; set; }
    public bool inplace { get; set; }

    public override Tensor forward(Tensor tensor) => nn.functional.elu(tensor, alpha, inplace);
}
