namespace TorchSharp;

public static partial class torch
{
    public static class special
    {
        public static Tensor digamma(Tensor input) => Op.Call("special_digamma", input);
        public static Tensor entr(Tensor input) => Op.Call("special_entr", input);
        public static Tensor erf(Tensor input) => Op.Call("special_erf", input);
        public static Tensor erfc(Tensor input) => Op.Call("special_erfc", input);
        public static Tensor erfcx(Tensor input) => Op.Call("special_erfcx", input);
        public static Tensor erfinv(Tensor input) => Op.Call("special_erfinv", input);
        public static Tensor exp2(Tensor input) => Op.Call("special_exp2", input);
        public static Tensor expit(Tensor input) => Op.Call("special_expit", input);
        public static Tensor expm1(Tensor input) => Op.Call("special_expm1", input);
        public static Tensor gammainc(Tensor input, Tensor other) => Op.Call("special_gammainc", input, other);
        public static Tensor gammaincc(Tensor input, Tensor other) => Op.Call("special_gammaincc", input, other);
        public static Tensor gammaln(Tensor input) => Op.Call("special_gammaln", input);
        public static Tensor log_softmax(Tensor input, long dim, ScalarType? dtype = null) => input.log_softmax(dim, dtype);
        public static Tensor logit(Tensor input) => Op.Call("special_logit", input);
        public static Tensor ndtr(Tensor input) => Op.Call("special_ndtr", input);
        public static Tensor ndtri(Tensor input) => Op.Call("special_ndtri", input);
        public static Tensor softmax(Tensor input, long dim, ScalarType? dtype = null) => input.softmax(dim, dtype);
        public static Tensor xlog1py(Tensor input, Tensor other) => Op.Call("special_xlog1py", input, other);
    }
}
