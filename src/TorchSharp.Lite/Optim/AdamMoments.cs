using static TorchSharp.torch;

namespace TorchSharp.Modules;

internal static class AdamMoments
{
    // Updates the running moments in place and returns what the first is divided by.
    internal static Tensor Update(Tensor gradient, Tensor mean, Tensor square, Tensor? largest, double beta1, double beta2, double eps,
        long step)
    {
        Op.Run("mul_.Scalar", mean, beta1);
        Op.Run("add_.Tensor", mean, gradient, 1 - beta1);
        Op.Run("mul_.Scalar", square, beta2);
        Op.Run("addcmul_", square, gradient, gradient, 1 - beta2);
        if (largest is not null) Op.Run("copy_", largest, Op.Call("maximum", largest, square));
        var denominator = Op.Call("div.Scalar", Op.Call("sqrt", largest ?? square), Math.Sqrt(1 - Math.Pow(beta2, step)));
        Op.Run("add_.Scalar", denominator, eps);
        return denominator;
    }
}
