extension CELLibrary {
    /// The functions of the language itself, without operators and extensions.
    static let core: [CELFunction] =
        CELTextFunctions.all + CELConversionFunctions.all + CELTimeFunctions.all
}
