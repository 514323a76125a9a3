import InterlockAPI
import InterlockAdministration
import InterlockMarkup
import InterlockModel
import InterlockPromotions
import InterlockTrust

/// The form with which a decider signs a promotion by passkey. The first one states why, who else decides, and until
/// when; the others sign what the first has stated. The page must be created with `signsOrders`.
struct PromotionForm {
    let view: ProposalView
    let signer: OrderSigner

    static let anchor = Anchor("sign")
    private static let rationale = Anchor("promotion-rationale")
    private static let others = Anchor("promotion-with")
    private static let days = Anchor("promotion-days")
    private static let hint = Anchor("promotion-hint")

    var html: HTML {
        signer.form(
            .word(.order, "elevate-stage"), .style(.approve), "Sign promotion", hint: Self.hint,
            command: command
        ) {
            Form.hidden("path", path + "/sign")
            Form.hidden("draft", path + "/draft")
            if view.promotion == nil { terms }
        }
    }

    private var path: String { "promotion-proposals/\(view.evidence.hex)" }

    @HTMLBuilder private var terms: [HTML] {
        Form.field(
            "Rationale, at least \(Promotion.leastRationale) characters", Self.rationale,
            empty(
                .input, .word(.type, "text"), .word(.name, "rationale"), .id(Self.rationale),
                .flag(.required), .number(.minlength, Promotion.leastRationale),
                .number(.maxlength, 1_000), .word(.autocomplete, "off")))
        Form.field(
            "Other deciders, by address, separated by commas", Self.others,
            empty(
                .input, .word(.type, "text"), .word(.name, "with"), .id(Self.others),
                .number(.maxlength, 2_048), .word(.autocomplete, "off"),
                .word(.autocapitalize, "none"), .word(.spellcheck, "false")))
        Form.field(
            "Days (empty: as long as the criteria permit)", Self.days,
            empty(
                .input, .word(.type, "number"), .word(.name, "days"), .id(Self.days),
                .number(.min, 1), .number(.max, 366)))
    }

    private var command: String {
        let words = "interlock trust promote \(view.evidence.prefixed)"
        return view.promotion == nil ? words + " --owner EMAIL --rationale TEXT" : words
    }
}
