"""What documents say in French."""

from __future__ import annotations

from comptoir.documents.language import NARROW, Texts
from comptoir.invoicing.snapshot import OperationNature

FRENCH = Texts(
    tag="fr-FR",
    decimal=",",
    thousands=NARROW,
    percent="{}" + NARROW + "%",
    months=(),
    symbols={"EUR": "€"},
    currency_first=False,
    invoice="FACTURE",
    credit_note="AVOIR",
    quote="DEVIS",
    proforma="FACTURE PRO FORMA",
    amendment="AVENANT",
    proforma_warning="Document sans valeur comptable",
    invoice_heading="Facture n° {}",
    credit_note_heading="Avoir n° {}",
    quote_heading="Devis n° {}",
    proforma_heading="Facture pro forma, réf. {}",
    amendment_heading="Avenant n° {}",
    amends="Avenant au devis n° {} du {}, signé le {}",
    preview="APERÇU",
    draft="Aperçu, sans numéro",
    number="N° {}",
    reference="Réf. {}",
    corrects="Avoir sur la facture n° {} du {}",
    reason="Motif : {}",
    client="Client",
    delivery="Adresse de livraison",
    siren="SIREN : {}",
    siret="SIRET : {}",
    vat_number="N° TVA : {}",
    phone="Tél. {}",
    issue_date="Date d’émission",
    delivery_date="Date de livraison",
    due_date="Date d’échéance",
    valid_until="Valable jusqu’au",
    order="Commande n°",
    customer_reference="Votre référence",
    sales_person="Votre interlocuteur",
    nature="Nature de l’opération",
    natures={
        OperationNature.GOODS: "Livraison de biens",
        OperationNature.SERVICES: "Prestation de services",
        OperationNature.MIXED: "Livraison de biens et prestation de services",
    },
    code="Référence",
    designation="Désignation",
    quantity="Qté",
    unit="Unité",
    unit_price="P.U. HT",
    discount="Remise",
    vat="TVA",
    net="Montant HT",
    free="gratuit",
    carried="À reporter",
    brought="Report",
    position="N°",
    incoterm="{} (Incoterms® 2020)",
    incoterm_total="Total {}",
    without_incoterm="Hors incoterm",
    continued="{} (suite)",
    vat_rate="Taux de TVA",
    vat_base="Base HT",
    vat_amount="Montant TVA",
    total_net="Total HT",
    total_vat="Total TVA",
    total_gross="Total TTC",
    to_pay="Net à payer",
    to_credit="Net à déduire",
    schedule="Échéance",
    means="Mode de règlement",
    amount="Montant",
    bank="Coordonnées bancaires",
    iban="IBAN {}",
    bic="BIC {}",
    on_receipt="Règlement à réception",
    to_deduct="Avoir à déduire de vos prochains règlements",
    note="Remarque",
    terms="Conditions de règlement",
    agreement="Bon pour accord",
    agreement_lines=(
        "Date :",
        "Nom et qualité du signataire :",
        "Signature et cachet, précédés de la mention manuscrite « Bon pour accord » :",
    ),
    copies="Établi en deux exemplaires : merci d’en retourner un, daté et signé.",
    general_terms="Conditions générales de vente",
    general_terms_attached="Les conditions générales de vente jointes font partie de cette offre.",
    withdrawal="Délai de rétractation de 14 jours",
    withdrawal_goods=(
        "Vente à distance à un consommateur (C. conso. art. L221-18) : vous pouvez vous rétracter sans motif ni"
        " pénalité pendant quatorze jours à compter de la réception du bien, ou du dernier si plusieurs sont livrés"
        " séparément. Pour une livraison le {}, vous pourriez le faire jusqu’au {} inclus."
    ),
    withdrawal_services=(
        "Vente à distance à un consommateur (C. conso. art. L221-18) : vous pouvez vous rétracter sans motif ni"
        " pénalité pendant quatorze jours à compter de votre acceptation. Pour une acceptation le {}, vous pourriez le"
        " faire jusqu’au {} inclus."
    ),
    withdrawal_how=(
        "Le formulaire joint, ou toute autre déclaration sans ambiguïté, suffit ; nous vous remboursons alors la"
        " totalité des sommes versées, au plus tard dans les quatorze jours."
    ),
    withdrawal_form="Formulaire de rétractation",
    withdrawal_lines=(
        "(Veuillez compléter et renvoyer le présent formulaire uniquement si vous souhaitez vous rétracter du"
        " contrat.)",
        "À l’attention de {} :",
        "Je/nous (*) vous notifie/notifions (*) par la présente ma/notre (*) rétractation du contrat (*) portant sur la"
        " vente du bien (*)/pour la prestation de services (*) ci-dessous :",
        "Commandé le (*)/reçu le (*) :",
        "Nom du (des) consommateur(s) :",
        "Adresse du (des) consommateur(s) :",
        "Signature du (des) consommateur(s) (uniquement en cas de notification du présent formulaire sur papier) :",
        "Date :",
        "(*) Rayez la mention inutile.",
    ),
    page="Page {page}/{pages}",
)
