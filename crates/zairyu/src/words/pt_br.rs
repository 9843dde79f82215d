//! Português (Brasil). Not officially reviewed, as its first line says.

use super::Message as M;

pub(super) const fn text(message: M) -> Option<&'static str> {
    Some(match message {
        M::NotReviewed => "Esta tradução não foi revisada oficialmente.",
        M::Title => "Verificação do chip do cartão",
        M::BannerTest => {
            "TESTE: julgado com a CA de teste oficial da Agência de Imigração. Isto nada diz sobre um cartão real."
        }
        M::BannerCustom => {
            "NÃO É UMA VERIFICAÇÃO REAL: julgado com um certificado de CA que não é do Ministério da Justiça do Japão. Isto nada diz sobre um cartão real."
        }
        M::Signature => "Assinatura do chip",
        M::Verified => "Verificada: o Ministério da Justiça do Japão assinou o que está marcado abaixo",
        M::VerifiedElsewhere => "Confere, mas não sob a CA do Ministério da Justiça do Japão",
        M::Mismatch => "Não confere: não confie em nada do que o chip diz",
        M::NotAccepted => "Confere, mas não é aceita",
        M::NoSignature => "O cartão não traz assinatura, por isso ninguém pode verificá-lo",
        M::NotChecked => "Não verificada",
        M::SignatureLimit => {
            "Que este seja o cartão original e não uma cópia, ou que a pessoa seja o titular. O que não está marcado como assinado não está coberto."
        }
        M::PrintedDate => "Data de vencimento impressa",
        M::DatePassed => "já passou",
        M::DateNotPassed => "ainda não passou",
        M::DateInPicture => "Somente na imagem do cartão: leia ali",
        M::DateLimit => {
            "Que o cartão ou a permissão de permanência esteja em vigor: um cartão pode caducar antes da data ou continuar enquanto uma renovação está em análise."
        }
        M::Lookup => "Consulta de caducidade",
        M::NoRecord => "Sem registro de caducidade",
        M::Lapsed => "A consulta mostra este número como caducado; isso também ocorre por motivos comuns",
        M::NoMatch => "A fonte não reconheceu este número com esta data; isso não é o mesmo que caducado",
        M::NotLookedUp => "Sem resultado: não se sabe se o número caducou",
        M::LookupLimit => "Que o número tenha sido emitido, ou que este cartão seja o desse número.",
        M::Scope => "O que foi verificado",
        M::ScopeText => "Os dados do chip e a assinatura sobre eles",
        M::ScopeLimit => {
            "Nada sobre a pessoa, a superfície impressa do cartão ou se um certo trabalho é permitido: confira você mesmo."
        }
        M::DoesNotProve => "Não prova:",
        M::Next => "O que fazer a seguir",
        M::CompareFace => "Compare a foto com a pessoa à sua frente.",
        M::CompareCard => "Compare o que aparece aqui com o que está impresso no cartão.",
        M::AskLookup => "Consulte o número na página oficial:",
        M::AskOffice => {
            "Algo não está como deveria. O motivo pode ser comum: pergunte ao escritório regional de imigração antes de decidir."
        }
        M::NumberDiffers => "O chip indica um número diferente do que o abriu: não aceite este cartão.",
        _ => return None,
    })
}
