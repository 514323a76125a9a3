extension CELLibrary {
    /// All functions beyond the core of the language.
    static let extensions: [CELFunction] =
        CELStringFunctions.all + CELMathFunctions.all + CELNetworkFunctions.all
        + CELOptionalFunctions.all + CELEncoderFunctions.all + CELSetFunctions.all
}
